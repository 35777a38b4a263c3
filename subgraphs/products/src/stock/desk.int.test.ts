import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StockState } from '../domain/reserve.ts'
import { openStockRoom, type StockRoom } from '../testing/stock-room.ts'
import { createStockDesk, type StockDesk } from './desk.ts'

let room: StockRoom
let desk: StockDesk
const announced: StockState[] = []
let moves = 0
beforeAll(async () => {
  room = await openStockRoom()
  desk = createStockDesk({
    db: room.db,
    announce: async (changed) => void announced.push(...changed),
    onMoved: () => void moves++,
  })
})
afterAll(() => room.close())

const adjustment = (skuId: string, delta: number, key: string, warehouseId: string | null = null) => ({
  skuId,
  delta,
  key,
  warehouseId,
  reason: 'count',
})
const entriesOf = (skuId: string) =>
  room.db.stockLedger.findMany({ where: { skuId }, orderBy: { at: 'asc' } })

describe('adjusting stock', () => {
  it('moves units, writes the ledger and tells', async () => {
    const sku = await room.shelve(5)
    const before = moves
    expect(await desk.adjust(adjustment(sku, 3, `add-${sku}`, 'wh-beijing'))).toMatchObject({
      status: 'done',
      remaining: 8,
    })
    expect(await entriesOf(sku)).toMatchObject([{ delta: 3, warehouseId: 'wh-beijing', published: false }])
    expect(announced.at(-1)).toEqual(await room.stateOf(sku))
    expect(moves).toBe(before + 1)
  })

  it('moves once for ten repeats at once, and gives all the first answer', async () => {
    const sku = await room.shelve(5)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => desk.adjust(adjustment(sku, 3, `repeat-${sku}`))),
    )
    expect(answers.every((answer) => 'remaining' in answer && answer.remaining === 8)).toBe(true)
    expect(await room.stateOf(sku)).toMatchObject({ available: 8, version: 2 })
    expect(await entriesOf(sku)).toHaveLength(1)
  })

  it('refuses a key that was used for something else, also for another SKU at the same time', async () => {
    const [one, two] = [await room.shelve(5), await room.shelve(5)]
    const key = `shared-${one}`
    const answers = await Promise.all([
      desk.adjust(adjustment(one, 1, key)),
      desk.adjust(adjustment(two, 1, key)),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['conflict', 'done'])
    expect((await desk.adjust(adjustment(one, 2, key))).status).toBe('conflict')
  })

  it('takes nothing when there are too few, and says so again after more have come', async () => {
    const sku = await room.shelve(2)
    const take = adjustment(sku, -3, `take-${sku}`)
    expect(await desk.adjust(take)).toMatchObject({ status: 'insufficient', remaining: 2 })
    await desk.adjust(adjustment(sku, 10, `more-${sku}`))
    expect(await desk.adjust(take)).toMatchObject({ status: 'insufficient', remaining: 2 })
    expect(await room.stateOf(sku)).toMatchObject({ available: 12 })
  })

  it('knows no SKU that has no stock', async () => {
    expect(await desk.adjust(adjustment('sku-never-seen', 1, 'nowhere'))).toEqual({ status: 'unknown' })
  })
})

describe('deductStock', () => {
  it('takes units, writes the ledger and repeats its first answer', async () => {
    const sku = await room.shelve(5)
    const first = { success: true, remaining: 3, errorCode: null }
    expect(await desk.deduct(sku, 2, `trace-${sku}`)).toEqual(first)
    await desk.deduct(sku, 1, `other-${sku}`)
    expect(await desk.deduct(sku, 2, `trace-${sku}`)).toEqual(first)
    expect(await room.stateOf(sku)).toMatchObject({ available: 2 })
    expect((await entriesOf(sku)).map(({ delta }) => delta)).toEqual([-2, -1])
  })

  it('keeps the classic error codes', async () => {
    const sku = await room.shelve(1)
    expect(await desk.deduct('sku-never-seen', 1, 'a')).toEqual({
      success: false,
      remaining: -1,
      errorCode: 'SKU_NOT_FOUND',
    })
    expect(await desk.deduct(sku, 2, `b-${sku}`)).toEqual({
      success: false,
      remaining: 1,
      errorCode: 'INSUFFICIENT_STOCK',
    })
    expect(await desk.deduct(sku, 0, `c-${sku}`)).toEqual({
      success: false,
      remaining: 1,
      errorCode: 'INVALID_QUANTITY',
    })
  })

  it('never goes below zero when 30 take at once', async () => {
    const sku = await room.shelve(10)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => desk.deduct(sku, 1, `${index}-${sku}`)),
    )
    expect(answers.filter(({ success }) => success)).toHaveLength(10)
    expect(await room.stateOf(sku)).toMatchObject({ available: 0, version: 11 })
  })
})
