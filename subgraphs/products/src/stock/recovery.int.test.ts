import { setTimeout as sleep } from 'node:timers/promises'
import { createMessage } from '@mall/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOwnRedis, openSwitch, type OwnRedis } from '../testing/own-redis.ts'
import { lineOf, openStockRoom, quiet, type StockRoom } from '../testing/stock-room.ts'
import { createAnnounceStock } from './announce.ts'
import { createStockParticipant, type StockParticipant } from './participant.ts'

const seconds = { timeout: 10_000 }
let own: OwnRedis
let room: StockRoom
let participant: StockParticipant
let keeping: NodeJS.Timeout
const closing: (() => unknown)[] = []

async function open(redisUrl: string) {
  room = await openStockRoom({ redisUrl })
  const announce = createAnnounceStock({ live: room.live, publish: async () => {}, logger: quiet })
  participant = createStockParticipant({
    stock: room.stock,
    live: room.live,
    announce,
    clock: () => new Date(),
    reservationMs: 60_000,
  })
  keeping = setInterval(() => void room.live.keepUp(), 1_000)
}
beforeEach(async () => {
  own = await openOwnRedis()
})
afterEach(async () => {
  clearInterval(keeping)
  await room.close()
  for (const close of closing.splice(0)) await close()
  await own.close()
})

let orders = 0
const placed = (skuId: string, quantity = 1) =>
  createMessage('order-placed', {
    orderId: String(++orders),
    customerId: 'customer',
    lines: [lineOf(skuId, quantity)],
    payment: { method: 'SANDBOX', amount: 100, currency: 'CNY' },
    destination: { region: 'east', city: 'Shanghai' },
  }).event
const order = (skuId: string, quantity = 1) => participant.reserve([placed(skuId, quantity)])

/** Orders without a pause, ten at a time, until stopped. Answers with how many there were. */
function keepOrdering(skuId: string): () => Promise<number> {
  let goesOn = true
  let count = 0
  const done = (async () => {
    while (goesOn) {
      await participant.reserve(Array.from({ length: 10 }, () => placed(skuId)))
      count += 10
      await sleep(5)
    }
  })()
  return async () => {
    goesOn = false
    await done
    return count
  }
}

/** Redis, and whoever reads by it, says what PostgreSQL says; nothing is pending, and the gate knows what is free. */
async function expectTruth(skuId: string): Promise<void> {
  await expect
    .poll(async () => {
      const [available, pending] = await room.redis.hmget(`stock:{${skuId}}`, 'available', 'pending')
      const truth = await room.stateOf(skuId)
      return (
        room.live.isCurrent() &&
        Number(available) === truth.available &&
        Number(pending ?? 0) === 0 &&
        (await room.live.read([skuId])).get(skuId)?.version === truth.version
      )
    }, seconds)
    .toBe(true)
  const { available } = await room.stateOf(skuId)
  const [fits, tooMany] = await room.live.ask([
    { orderId: `fits-${orders}`, lines: [lineOf(skuId, available)] },
    { orderId: `too-many-${orders}`, lines: [lineOf(skuId, available + 1)] },
  ])
  expect(fits).toEqual([])
  expect(tooMany).not.toEqual([])
}

describe('a Redis that loses', () => {
  it('its life under orders is built anew, and every unit was sold once', async () => {
    await open(own.url)
    const sku = await room.shelve(2_000)
    const stop = keepOrdering(sku)
    await sleep(300)
    await own.kill()
    await sleep(500)
    // Redis is away: PostgreSQL alone goes on.
    const { reserved } = await room.stateOf(sku)
    await expect.poll(async () => (await room.stateOf(sku)).reserved, seconds).toBeGreaterThan(reserved)
    expect((await room.live.read([sku])).get(sku)).toBeDefined()
    await own.startAgain()
    await expect.poll(() => room.live.isCurrent(), seconds).toBe(true)
    await sleep(300)
    const count = await stop()
    expect(await room.stateOf(sku)).toMatchObject({ available: 2_000 - count, reserved: count })
    await expectTruth(sku)
  })

  it('everything while the connection stays is built anew', async () => {
    await open(own.url)
    const [busy, quietOne] = [await room.shelve(2_000), await room.shelve(7)]
    // It has not changed lately, so keeping up alone would not bring it back.
    await room.db.stock.update({ where: { skuId: quietOne }, data: { changedAt: new Date(0) } })
    const stop = keepOrdering(busy)
    await sleep(200)
    await room.redis.flushall()
    // Until it is noticed, readers and the gate fall back on PostgreSQL.
    expect((await room.live.read([quietOne])).get(quietOne)).toMatchObject({ available: 7 })
    expect(await room.live.ask([{ orderId: 'meanwhile', lines: [lineOf(quietOne, 7)] }])).toEqual([[]])
    await expect.poll(() => room.redis.hget(`stock:{${quietOne}}`, 'available'), seconds).toBe('7')
    const count = await stop()
    expect(await room.stateOf(busy)).toMatchObject({ available: 2_000 - count })
    await expectTruth(busy)
    await expectTruth(quietOne)
  })

  it('its last seconds with the power neither refuses nor holds back for ever', async () => {
    await open(own.url)
    const [sold, refilled] = [await room.shelve(20), await room.shelve(1)]
    await order(refilled)
    await participant.reserve([placed(sold)])
    // An order is at the gate when the cut falls: what Redis then remembers of it, it never hears the end of.
    await room.live.ask([{ orderId: 'at the gate', lines: [lineOf(sold, 5)] }])
    await sleep(1_200)
    const size = own.logSize()
    await order(sold, 10)
    await room.db.stock.update({ where: { skuId: refilled }, data: { available: 50, version: 9 } })
    await room.live.apply([await room.stateOf(refilled)])
    await sleep(1_200)
    await own.kill()
    own.cutLog(size)
    await own.startAgain()
    await expectTruth(sold)
    await expectTruth(refilled)
    expect(await room.stateOf(sold)).toMatchObject({ available: 9, reserved: 11 })
  })

  it('its last seconds by a failover, the connection standing, is found out by its run', async () => {
    const gate = await openSwitch(own.port)
    await open(gate.url)
    const [sold, refilled] = [await room.shelve(20), await room.shelve(1)]
    await order(refilled)
    await room.live.ask([{ orderId: 'decided after the copy', lines: [lineOf(sold, 5)] }])
    await sleep(1_200)
    const replica = await openOwnRedis({ copyOf: own.dataDir })
    closing.push(gate.close, replica.close)
    await order(sold, 10)
    await room.db.stock.update({ where: { skuId: refilled }, data: { available: 50, version: 9 } })
    await room.live.apply(
      [await room.stateOf(refilled), await room.stateOf(sold)],
      [{ orderId: 'decided after the copy', lines: [lineOf(sold, 5)] }],
    )
    let closed = 0
    room.redis.on('close', () => closed++)
    clearInterval(keeping)
    gate.switchTo(replica.port)
    expect(await room.redis.hget(`stock:{${refilled}}`, 'available')).toBe('0')
    keeping = setInterval(() => void room.live.keepUp(), 1_000)
    await expectTruth(sold)
    await expectTruth(refilled)
    expect(closed).toBe(0)
  })
})

describe('a Redis that hangs', () => {
  it('holds up no order for long', async () => {
    await open(own.url)
    const sku = await room.shelve(5)
    const other = room.redis.duplicate()
    await other.client('PAUSE', 3_000)
    other.disconnect()
    const begun = performance.now()
    await order(sku)
    await order(sku)
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(await room.stateOf(sku)).toMatchObject({ reserved: 2 })
    await expectTruth(sku)
  })
})
