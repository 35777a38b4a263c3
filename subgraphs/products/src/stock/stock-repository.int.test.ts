import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStockRoom, requestOf, statusesOf, type StockRoom } from '../testing/stock-room.ts'

let room: StockRoom
beforeAll(async () => {
  room = await openStockRoom()
})
beforeEach(() => room.db.reservation.deleteMany())
afterAll(() => room.close())

const later = new Date('2099-01-01T00:00:00Z')

describe('reserving in the database', () => {
  it('sells the last unit once to 50 who ask at once', async () => {
    const sku = await room.shelve(1)
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        room.stock.reserve([requestOf(BigInt(index), [sku, 1])], later),
      ),
    )
    const made = outcomes.flatMap(({ reservations }) => reservations)
    expect(made.filter(({ status }) => status === 'RESERVED')).toHaveLength(1)
    expect(made.filter(({ status }) => status === 'REJECTED')).toHaveLength(49)
    expect(await room.stateOf(sku)).toMatchObject({ available: 0, reserved: 1, sold: 0, version: 2 })
  })

  it('decides a batch in its order, in one transaction', async () => {
    const sku = await room.shelve(5)
    const { reservations, changed } = await room.stock.reserve(
      [requestOf(1n, [sku, 3]), requestOf(2n, [sku, 3]), requestOf(3n, [sku, 2])],
      later,
    )
    expect(reservations.map(({ status }) => status)).toEqual(['RESERVED', 'REJECTED', 'RESERVED'])
    expect(reservations[1]?.shortages).toEqual([{ skuId: sku, requested: 3, available: 2 }])
    expect(changed).toEqual([{ skuId: sku, available: 0, reserved: 5, sold: 0, version: 3 }])
  })

  it('answers a repeat with what it decided first, and takes nothing more', async () => {
    const sku = await room.shelve(3)
    const first = await room.stock.reserve([requestOf(1n, [sku, 3]), requestOf(2n, [sku, 1])], later)
    await room.db.stock.update({ where: { skuId: sku }, data: { available: 50, version: 9 } })
    const again = await room.stock.reserve([requestOf(1n, [sku, 3]), requestOf(2n, [sku, 1])], later)
    expect(again.reservations).toEqual(first.reservations)
    expect(again.changed).toEqual([])
  })

  it('does not tie itself in a knot when orders name their SKUs in opposite order', async () => {
    const [a, b] = [await room.shelve(40), await room.shelve(40)]
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        room.stock.reserve(
          [index % 2 ? requestOf(BigInt(index), [a, 1], [b, 1]) : requestOf(BigInt(index), [b, 1], [a, 1])],
          later,
        ),
      ),
    )
    expect(await room.stateOf(a)).toMatchObject({ available: 0, reserved: 40 })
    expect(await room.stateOf(b)).toMatchObject({ available: 0, reserved: 40 })
  })

  it('refuses an order for a SKU that has no stock', async () => {
    const { reservations } = await room.stock.reserve([requestOf(1n, ['sku-never-seen', 1])], later)
    expect(reservations[0]?.shortages).toEqual([{ skuId: 'sku-never-seen', requested: 1, available: 0 }])
  })
})

describe('settling in the database', () => {
  it('makes held units sold once, and gives them back once', async () => {
    const sku = await room.shelve(5)
    await room.stock.reserve([requestOf(1n, [sku, 2])], later)
    await room.stock.commit([1n])
    expect((await room.stock.commit([1n])).changed).toEqual([])
    expect(await room.stateOf(sku)).toMatchObject({ available: 3, reserved: 0, sold: 2 })
    await room.stock.release([1n])
    expect((await room.stock.release([1n])).changed).toEqual([])
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0, sold: 0 })
    expect((await room.stock.commit([1n])).changed).toEqual([])
  })

  it('leaves a tombstone where there was nothing to release, so that what comes late is not held', async () => {
    const sku = await room.shelve(5)
    await room.stock.release([1n])
    const { reservations } = await room.stock.reserve([requestOf(1n, [sku, 2])], later)
    expect(reservations.map(({ status }) => status)).toEqual(['RELEASED'])
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0, version: 1 })
  })

  it('ends with nothing held when reserving and releasing race', async () => {
    const sku = await room.shelve(100)
    const ids = Array.from({ length: 20 }, (_, index) => BigInt(index))
    await Promise.all(
      ids.flatMap((id) => [room.stock.reserve([requestOf(id, [sku, 1])], later), room.stock.release([id])]),
    )
    expect(new Set(Object.values(await statusesOf(room.db)))).toEqual(new Set(['RELEASED']))
    expect(await room.stateOf(sku)).toMatchObject({ available: 100, reserved: 0 })
  })

  it('does not take back from an order that is sold when its time has run out', async () => {
    const sku = await room.shelve(5)
    await room.stock.reserve([requestOf(1n, [sku, 2]), requestOf(2n, [sku, 1])], new Date(0))
    const found = await room.stock.findExpired(new Date(), 10)
    await room.stock.commit([1n])
    const { reservations } = await room.stock.expire(found)
    expect(reservations.map(({ status }) => status).toSorted()).toEqual(['COMMITTED', 'RELEASED'])
    expect(await room.stateOf(sku)).toMatchObject({ available: 3, reserved: 0, sold: 2 })
  })

  it('finds what has run out, oldest first, and nothing that is sold', async () => {
    const sku = await room.shelve(9)
    await room.stock.reserve([requestOf(1n, [sku, 1])], new Date('2026-01-01T00:00:02Z'))
    await room.stock.reserve([requestOf(2n, [sku, 1])], new Date('2026-01-01T00:00:01Z'))
    await room.stock.reserve([requestOf(3n, [sku, 1])], new Date('2026-01-01T00:00:00Z'))
    await room.stock.reserve([requestOf(4n, [sku, 1])], later)
    await room.stock.commit([3n])
    expect(await room.stock.findExpired(new Date('2026-02-01T00:00:00Z'), 10)).toEqual([2n, 1n])
  })
})

it('refuses negative units whatever the code above it does', async () => {
  const sku = await room.shelve(1)
  await expect(room.db.stock.update({ where: { skuId: sku }, data: { available: -1 } })).rejects.toThrow()
})
