import { setTimeout as sleep } from 'node:timers/promises'
import type { EventType } from '@mall/contracts'
import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../data/database.ts'
import { createReadModel, type ReadModel } from '../data/read-model.ts'
import { createSagaRoom, type SagaRoom } from '../testing/saga-room.ts'
import { stories } from '../testing/stories.ts'
import { rebuild, type Finding } from './rebuild.ts'

let database: TestDatabase
let db: Database
let readModel: ReadModel
let room: SagaRoom
let findings: Finding[]
let announced: bigint[]

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 8 })
  readModel = createReadModel(db)
  room = createSagaRoom(db)
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

function run(changes: Partial<Parameters<typeof rebuild>[0]> = {}) {
  findings = []
  announced = []
  return rebuild({
    readModel,
    isDryRun: false,
    clock: () => new Date(),
    announce: async (ids) => void announced.push(...ids),
    onFinding: (finding) => findings.push(finding),
    batchSize: 20,
    ...changes,
  })
}

/** What rows say of their orders' histories: not how often something was asked for, nor what was told. */
async function rows(): Promise<object[]> {
  const delivery = ['version', 'check_at', 'checks', 'attempts', 'untold', 'needs_attention']
  const found = await db.$queryRaw<{ row: object }[]>`select to_jsonb(o) as row from "order" o order by id`
  return JSON.parse(
    JSON.stringify(found, (key, value: unknown) => (delivery.includes(key) ? undefined : value)),
  ) as object[]
}
const soldOf = async (productId: string) => (await db.productSale.findUnique({ where: { productId } }))?.sold
const event = (orderId: bigint, type: EventType) => [{ orderId, event: { type } }]

describe('the rebuild', () => {
  it('makes everything equal again while other orders move', async () => {
    for (const story of stories) await room.play(story)
    const before = await rows()
    await db.$executeRaw`update "order" set status = 'SHIPPED', cancel_reason = 'nonsense' where id % 5 = 0`
    await db.$executeRaw`update "order" set saga = '{}' where id % 5 = 1`
    await db.$executeRaw`update "order" set saga = jsonb_set(saga, '{refunds}', '[]'), needs_attention = true where id % 5 = 2`
    await db.$executeRaw`update "order" set check_at = null, version = 1, updated_at = now() where id % 5 = 3`
    await db.$executeRaw`delete from product_sale where product_id = 'lamp'`
    await db.$executeRaw`update product_sale set sold = sold + 100`
    const corrupted = await rows()
    expect(corrupted).not.toEqual(before)

    let isOver = false
    const movers = Array.from({ length: 3 }, async (_, first) => {
      for (let index = first; !isOver; index += 3) {
        const story = stories[index % stories.length]
        if (story) await room.play(story)
        // Some traffic, not as much as there can be: the rebuild looks at all that it made.
        await sleep(20)
      }
    })
    const dry = await run({ isDryRun: true })
    expect((await rows()).slice(0, stories.length)).toEqual(corrupted)
    expect(announced).toEqual([])
    const report = await run()
    isOver = true
    await Promise.all(movers)

    expect(report).toMatchObject({ rows: dry.rows, unreadable: 0, sales: 2 })
    expect(announced).toHaveLength(report.rows)
    expect((await rows()).slice(0, stories.length)).toEqual(before)
    expect(await run()).toMatchObject({ rows: 0, sales: 0, unreadable: 0 })
  })

  it('reads an order again that moved after it was read', async () => {
    const id = await room.place()
    await db.$executeRaw`update "order" set status = 'PAID' where id = ${id}`
    const slow: ReadModel = {
      ...readModel,
      async correct(corrections, now) {
        if (corrections[0]?.expected === 1) await room.saga.handle(event(id, 'warehouse-allocated'))
        return readModel.correct(corrections, now)
      },
    }
    expect(await run({ readModel: slow })).toMatchObject({ unreadable: 0 })
    expect((await room.orders.findMany([id]))[0]).toMatchObject({ status: 'CONFIRMED' })
  })

  it('loses no sale that is made between counting and correcting', async () => {
    await db.$executeRaw`update product_sale set sold = 7 where product_id = 'lamp'`
    const expected = (await readModel.findSalesDifferences())[0]?.expected ?? 0
    const [id, other] = [await room.place(), await room.place()]
    await Promise.all([
      run(),
      run(),
      room.saga.handle(event(id, 'warehouse-allocated')),
      room.saga.handle(event(other, 'warehouse-allocated')),
    ])
    expect(await soldOf('lamp')).toBe(expected + 2)
  })

  it('leaves an order alone whose history it cannot read', async () => {
    const [id, old] = [await room.place(), await room.place()]
    await db.$executeRaw`update "order" set status = 'PAID' where id in (${id}, ${old})`
    await db.$executeRaw`
      insert into order_event (order_id, version, type, at, schema_version) values (${id}, 2, 'unheard-of', now(), 1)`
    await db.$executeRaw`
      insert into order_event (order_id, version, type, at, summary) values (${old}, 2, 'stock-reserved', now(), 'Held')`
    expect(await run()).toMatchObject({ rows: 0, unreadable: 2 })
    expect(findings.map((finding) => 'orderId' in finding && finding.orderId)).toEqual([id, old])
  })
})

describe('the history', () => {
  it('is append-only', async () => {
    await room.place()
    await expect(db.$executeRaw`update order_event set type = 'x'`).rejects.toThrow('append-only')
    await expect(db.$executeRaw`delete from order_event`).rejects.toThrow('append-only')
    await expect(db.$executeRaw`truncate order_event`).rejects.toThrow('append-only')
  })
})
