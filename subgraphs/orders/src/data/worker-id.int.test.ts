import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '@mall/service/logger'
import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { createDatabase, type Database } from './database.ts'
import { maxRollbackMs } from '../domain/snowflake.ts'
import { createOrderIds } from './worker-id.ts'
import { leaseMs, leaseWorkerId } from './worker-lease.ts'

let database: TestDatabase
let db: Database
const logger = createLogger({ name: 'test', level: 'silent' })
const noon = Date.UTC(2026, 0, 1, 12)
const expire = (workerId: number) =>
  db.workerLease.update({ where: { workerId }, data: { expiresAt: new Date(0) } })

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 5 })
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

describe('worker ids', () => {
  it('are never shared by two processes that live', async () => {
    const leases = await Promise.all(Array.from({ length: 8 }, () => leaseWorkerId(db, randomUUID(), noon)))
    expect(new Set(leases.map(({ range }) => range.workerId)).size).toBe(8)
    const [first] = leases
    expect(await first?.renew(noon)).toBe(noon + leaseMs)
    await first?.release(noon + 10)
    expect(await first?.renew(noon)).toBeNull()
    const next = await leaseWorkerId(db, 'next', noon + 10)
    expect(next.range).toEqual({
      workerId: first?.range.workerId,
      from: noon + 10,
      until: noon + 10 + leaseMs,
    })
  })

  it('are not taken again for times that a stalled holder may still use', async () => {
    const stalled = await leaseWorkerId(db, 'stalled', noon)
    const { workerId, until } = stalled.range
    await db.$executeRaw`
      insert into worker_lease (worker_id, holder, expires_at)
      select id, 'others', now() + interval '1 hour' from generate_series(0, 1023) id
      on conflict (worker_id) do update set expires_at = excluded.expires_at`
    await expire(workerId)
    await expect(leaseWorkerId(db, 'too early', noon)).rejects.toThrow('No worker id is free')
    const heir = await leaseWorkerId(db, 'heir', until - maxRollbackMs)
    expect(heir.range).toEqual({ workerId, from: until, until: until + leaseMs })
    await expect(leaseWorkerId(db, 'too many', noon)).rejects.toThrow('No worker id is free')
    expect(await stalled.renew(noon)).toBeNull()
    await db.workerLease.deleteMany({ where: { holder: 'others' } })
  })

  it('are replaced when they were lost, and when the clock runs back far, without an id that came before', async () => {
    let now = noon + 3_600_000
    const ids = await createOrderIds(db, logger, () => now)
    const before = await ids.take(100)
    const [{ workerId = 0 } = {}] = await db.workerLease.findMany({ orderBy: { usedUntil: 'desc' }, take: 1 })
    await expire(workerId)
    await leaseWorkerId(db, 'thief', now)
    now += 2 * leaseMs // stalled: its times are over
    const after = await ids.take(100)
    now -= 30 * 60_000
    const rolledBack = await ids.take(100)
    expect(new Set([...before, ...after, ...rolledBack]).size).toBe(300)
    await ids.release()
  })

  it('that cannot be had answer UNAVAILABLE', async () => {
    const gone = createDatabase({ url: database.url, poolSize: 1 })
    let now = noon
    const ids = await createOrderIds(gone, logger, () => now)
    await db.$executeRaw`alter table worker_lease rename to hidden`
    now += 2 * leaseMs
    await expect(ids.take(1)).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } })
    await db.$executeRaw`alter table hidden rename to worker_lease`
    expect(await ids.take(1)).toHaveLength(1)
    await ids.release()
    await gone.$disconnect()
  })
})
