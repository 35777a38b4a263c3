import { randomUUID } from 'node:crypto'
import { testRedisUrl } from '@mall/testing'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { createPubSub } from './pubsub.ts'
import { dropSubscribers } from './redis-test-support.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const redisUrl = testRedisUrl()
const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

describe('publish and subscribe', () => {
  it('reach from one instance to the readers of another', async () => {
    const [here, there, channel] = [instance(), instance(), randomUUID()]
    const readers = await Promise.all([there.subscribe([channel]), there.subscribe([channel, 'other'])])
    await here.publish(channel, { n: 1 })
    expect(await Promise.all(readers.map((reader) => reader.next()))).toEqual([
      { done: false, value: { n: 1 } },
      { done: false, value: { n: 1 } },
    ])
  })

  it('lose nothing that is published after subscribing has resolved', async () => {
    const [here, there] = [instance(), instance()]
    for (let round = 0; round < 20; round++) {
      const channel = randomUUID()
      const reader = await there.subscribe([channel])
      await here.publish(channel, round)
      expect((await reader.next()).value).toBe(round)
      await reader.return?.()
    }
  })

  it('keep a channel for its second reader when the first leaves, and when one joins as one leaves', async () => {
    const [pubsub, channel] = [instance(), randomUUID()]
    const [first, second] = await Promise.all([pubsub.subscribe([channel]), pubsub.subscribe([channel])])
    await first.return?.()
    await pubsub.publish(channel, 'still here')
    expect((await second.next()).value).toBe('still here')
    const leaving = second.return?.()
    const third = await pubsub.subscribe([channel])
    await leaving
    await pubsub.publish(channel, 'and here')
    expect((await third.next()).value).toBe('and here')
  })

  it('end on the signal', async () => {
    const [pubsub, controller] = [instance(), new AbortController()]
    const reader = await pubsub.subscribe([randomUUID()], controller.signal)
    const next = reader.next()
    controller.abort()
    expect((await next).done).toBe(true)
    await expect(pubsub.subscribe(['x'], controller.signal)).rejects.toThrow()
  })

  it('fail a reader that falls too far behind rather than skip in silence', async () => {
    const [pubsub, channel] = [instance({ maxQueued: 3 }), randomUUID()]
    const [slow, quick] = await Promise.all([pubsub.subscribe([channel]), pubsub.subscribe([channel])])
    for (let i = 0; i < 4; i++) {
      await pubsub.publish(channel, i)
      expect((await quick.next()).value).toBe(i)
    }
    await expect(slow.next()).rejects.toThrow('more than 3 payloads behind')
    expect((await slow.next()).done).toBe(true)
  })

  it('drop what cannot be read and go on', async () => {
    const channel = randomUUID()
    const parse = (payload: unknown) => {
      if (typeof payload !== 'number') throw new TypeError('not a number')
      return payload
    }
    const pubsub = createPubSub({ redisUrl, logger, parse })
    cleanups.push(() => pubsub.close())
    const reader = await pubsub.subscribe([channel])
    const redis = rawRedis()
    await redis.publish(channel, '{not json')
    await redis.publish(channel, '"text"')
    await redis.publish(channel, '7')
    expect((await reader.next()).value).toBe(7)
  })

  it('come back after the connection was lost, and say so', async () => {
    const [pubsub, channel, redis] = [instance(), randomUUID(), rawRedis()]
    const reader = await pubsub.subscribe([channel])
    const reconnected = Promise.withResolvers<void>()
    pubsub.onReconnected(reconnected.resolve)
    await dropSubscribers(redis, redisUrl)
    await reconnected.promise
    await expect.poll(() => redis.publish(channel, '1'), { interval: 20 }).toBe(1)
    expect((await reader.next()).value).toBe(1)
  })
})

function instance(options: { maxQueued?: number } = {}) {
  const pubsub = createPubSub({ redisUrl, logger, ...options })
  cleanups.push(() => pubsub.close())
  return pubsub
}

function rawRedis() {
  const redis = new Redis(redisUrl)
  cleanups.push(() => redis.quit())
  return redis
}
