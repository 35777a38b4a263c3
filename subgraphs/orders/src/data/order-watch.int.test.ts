import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { testRedisUrl } from '@mall/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { begin } from '../saga/state.ts'
import { orderContent } from '../testing/order-content.ts'
import type { OrderRecord, OrderRepository } from './order-repository.ts'
import { createOrderWatch } from './order-watch.ts'

const open = () =>
  createPubSub({ redisUrl: testRedisUrl(), logger: createLogger({ name: 'test', level: 'silent' }) })
const [mine, others] = [open(), open()]
afterAll(() => Promise.all([mine.close(), others.close()]))

/** Orders whose version is all that matters here. */
function watchOn(versions: Map<bigint, number>) {
  const findMany = async (ids: readonly bigint[]) =>
    ids.flatMap((id) => (versions.has(id) ? [{ id, version: versions.get(id) } as OrderRecord] : []))
  return createOrderWatch(mine, { findMany } as OrderRepository)
}

/** An order as another instance tells of it. */
function orderOf(id: bigint, version: number): OrderRecord {
  const content = orderContent({ id, placedAt: new Date(0) })
  return { ...begin('2026-01-01T00:00:00.000Z', content), ...content, version, updatedAt: new Date(0) }
}

describe('following an order', () => {
  it('gives its present state, then each newer one, told by another instance', async () => {
    const versions = new Map([[71n, 1]])
    const states = watchOn(versions).follow(71n)
    expect((await states.next()).value?.version).toBe(1)
    const elsewhere = createOrderWatch(others, {} as OrderRepository)
    await elsewhere.announce([orderOf(71n, 2), orderOf(71n, 4), orderOf(71n, 3), orderOf(71n, 5)])
    const versionsTold = []
    for (let i = 0; i < 3; i += 1) versionsTold.push((await states.next()).value?.version)
    expect(versionsTold).toEqual([2, 4, 5])
    await states.return()
  })

  it('reads anew what it is told without saying how it stands, as after a lost connection', async () => {
    const versions = new Map([[73n, 1]])
    const states = watchOn(versions).follow(73n)
    await states.next()
    versions.set(73n, 2)
    await others.publish('order-changed:73', null)
    expect((await states.next()).value?.version).toBe(2)
    await states.return()
  })

  it('ends at once when its reader leaves, though nothing changes any more', async () => {
    const states = watchOn(new Map([[72n, 1]])).follow(72n)
    await states.next()
    const waiting = states.next()
    await states.return()
    expect((await waiting).done).toBe(true)
  })
})
