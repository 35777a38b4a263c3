import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReservationLine, Shortage, StockState } from '../domain/reserve.ts'
import { lineOf, openStockRoom, quiet, type StockRoom } from '../testing/stock-room.ts'
import { createLiveStock, type LiveStock } from './live-stock.ts'

let room: StockRoom
beforeAll(async () => {
  room = await openStockRoom()
})
afterAll(() => room.close())

const ask = async (orderId: string, lines: ReservationLine[], live: LiveStock = room.live) =>
  (await live.ask([{ orderId, lines }]))[0] satisfies Shortage[] | undefined
const keyOf = (skuId: string) => `stock:{${skuId}}`
const pendingOf = async (skuId: string) => Number(await room.redis.hget(keyOf(skuId), 'pending'))

describe('the gate', () => {
  it('admits no more units than are free, however many ask at once', async () => {
    const sku = await room.shelve(10)
    const orders = Array.from({ length: 50 }, (_, index) => String(index))
    const answers = await Promise.all(orders.map((order) => ask(order, [lineOf(sku, 1)])))
    expect(answers.filter((shortages) => shortages?.length === 0)).toHaveLength(10)
    expect(answers.find((shortages) => shortages && shortages.length > 0)).toEqual([
      { skuId: sku, requested: 1, available: 0 },
    ])
    expect(await pendingOf(sku)).toBe(10)
  })

  it('counts an order once that asks again', async () => {
    const sku = await room.shelve(3)
    for (let repeat = 0; repeat < 3; repeat++) expect(await ask('again', [lineOf(sku, 3)])).toEqual([])
    expect(await pendingOf(sku)).toBe(3)
  })

  it('takes nothing of any SKU when one is short, and names only that one', async () => {
    const [plenty, scarce] = [await room.shelve(10), await room.shelve(1)]
    expect(await ask('both', [lineOf(plenty, 2), lineOf(scarce, 2)])).toEqual([
      { skuId: scarce, requested: 2, available: 1 },
    ])
    expect(await pendingOf(plenty)).toBe(0)
    expect(await ask('other', [lineOf(plenty, 10)])).toEqual([])
  })

  it('leaves the decision to the database where it knows nothing', async () => {
    expect(await ask('unknown', [lineOf('sku-never-seen', 1)])).toEqual([])
    expect(await room.redis.exists(keyOf('sku-never-seen'))).toBe(0)
  })

  it('forgets what an order asked once it is decided, a repeat included', async () => {
    const sku = await room.shelve(5)
    await ask('decided', [lineOf(sku, 2)])
    const after = { skuId: sku, available: 3, reserved: 2, sold: 0, version: 2 }
    const decided = [{ orderId: 'decided', lines: [lineOf(sku, 2)] }]
    await room.live.apply([after], decided)
    await room.live.apply([after], decided)
    expect(await pendingOf(sku)).toBe(0)
    expect(await ask('next', [lineOf(sku, 3)])).toEqual([])
  })
})

describe('the copy in Redis', () => {
  it('never goes back to an older version', async () => {
    const sku = await room.shelve(5)
    await room.live.apply([{ skuId: sku, available: 2, reserved: 3, sold: 0, version: 4 }])
    await room.live.apply([{ skuId: sku, available: 4, reserved: 1, sold: 0, version: 3 }])
    expect((await room.live.read([sku])).get(sku)).toMatchObject({ available: 2, reserved: 3, version: 4 })
  })

  it('is read from the database where Redis has lost it', async () => {
    const sku = await room.shelve(7)
    await room.redis.del(keyOf(sku))
    expect((await room.live.read([sku, 'sku-never-seen'])).get(sku)).toMatchObject({ available: 7 })
  })

  it('is whole again after Redis was away and came back empty', async () => {
    const sku = await room.shelve(7)
    await room.redis.del(keyOf(sku))
    const down = new Promise((resolve) => room.redis.once('close', resolve))
    room.redis.disconnect(true)
    await down
    expect(room.live.isCurrent()).toBe(false)
    expect(await ask('meanwhile', [lineOf(sku, 100)])).toEqual([])
    await expect.poll(() => room.live.isCurrent(), { timeout: 10_000 }).toBe(true)
    expect(await room.redis.hget(keyOf(sku), 'available')).toBe('7')
    expect(await ask('later', [lineOf(sku, 100)])).toHaveLength(1)
  })

  it('forgets what orders asked of which it never heard the end', async () => {
    const sku = await room.shelve(5)
    await ask('decided, but Redis was away', [lineOf(sku, 5)])
    await room.live.rebuild()
    expect(await ask('next', [lineOf(sku, 5)])).toEqual([])
  })

  it('is current only after the last of two rebuilds', async () => {
    const redis = room.redis.duplicate()
    const reads: PromiseWithResolvers<StockState[]>[] = []
    const twice = createLiveStock(redis, {
      logger: quiet,
      load: room.stock.load,
      loadRecent: room.stock.changedWithin,
      clock: () => new Date(),
      loadAll() {
        const read = Promise.withResolvers<StockState[]>()
        reads.push(read)
        return read.promise
      },
    })
    await expect.poll(() => reads.length, { timeout: 10_000 }).toBe(1)
    const second = twice.rebuild()
    reads[0]?.resolve([])
    await new Promise(setImmediate)
    expect(twice.isCurrent()).toBe(false)
    reads[1]?.resolve([])
    await second
    expect(twice.isCurrent()).toBe(true)
    redis.disconnect()
  })

  it('admits everything while it cannot be built', async () => {
    const redis = room.redis.duplicate()
    const failing = createLiveStock(redis, {
      logger: quiet,
      load: room.stock.load,
      loadRecent: room.stock.changedWithin,
      clock: () => new Date(),
      loadAll: () => Promise.reject(new Error('the database is away')),
    })
    await failing.rebuild()
    expect(failing.isCurrent()).toBe(false)
    expect(await ask('order', [lineOf(await room.shelve(0), 1)], failing)).toEqual([])
    redis.disconnect()
  })
})
