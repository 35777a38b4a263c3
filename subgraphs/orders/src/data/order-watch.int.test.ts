import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { testRedisUrl } from '@mall/testing'
import { afterAll, describe, expect, it } from 'vitest'
import type { OrderRecord, OrderRepository } from './order-repository.ts'
import { createOrderWatch } from './order-watch.ts'

const open = () =>
  createPubSub({ redisUrl: testRedisUrl(9), logger: createLogger({ name: 'test', level: 'silent' }) })
const [mine, others] = [open(), open()]
afterAll(() => Promise.all([mine.close(), others.close()]))

/** Orders whose version is all that matters here. */
function watchOn(versions: Map<bigint, number>) {
  const findMany = async (ids: readonly bigint[]) =>
    ids.flatMap((id) => (versions.has(id) ? [{ id, version: versions.get(id) } as OrderRecord] : []))
  return createOrderWatch(mine, { findMany } as OrderRepository)
}

describe('following an order', () => {
  it('gives its present state, then each newer one, told by another instance', async () => {
    const versions = new Map([[71n, 1]])
    const states = watchOn(versions).follow(71n)
    expect((await states.next()).value?.version).toBe(1)
    const next = states.next()
    await others.publish('order-changed:71', null)
    versions.set(71n, 2)
    await others.publish('order-changed:71', null)
    expect((await next).value?.version).toBe(2)
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
