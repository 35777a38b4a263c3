import { testRedisUrl } from '@mall/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createLogger } from './logger.ts'
import { dropSubscribers } from './redis-test-support.ts'
import { RIGHTS_KEY, createRightsReader, publishRights } from './rights.ts'
import type { RightsSnapshot } from './rights.ts'

const redisUrl = testRedisUrl()
const redis = new Redis(redisUrl)
const logger = createLogger({ name: 'test', level: 'silent' })
const token = { sub: 'u1', sid: 's1', roles: ['user', 'staff'] }
const snapshot: RightsSnapshot = {
  version: 10,
  roles: { user: [], staff: ['stock:read', 'stock:write'], admin: ['stock:read', 'roles:write'] },
  users: {},
  revokedSessions: {},
}

beforeEach(() => redis.del(RIGHTS_KEY))
afterAll(() => redis.quit())

describe('a rights reader', () => {
  it('knows nobody before the first snapshot', async () => {
    const reader = open()
    expect(reader.isReady()).toBe(false)
    expect(reader.viewerOf(token)).toBeNull()
    await publishRights(redis, snapshot)
    await reader.ready
    expect(reader.viewerOf(token)?.scopes).toEqual(['stock:read', 'stock:write'])
  })

  it('gives the permissions of all roles once, and none for roles that do not exist', async () => {
    const reader = await openWith(snapshot)
    const roles = ['staff', 'admin', 'nobody', 'constructor', '__proto__']
    expect(reader.viewerOf({ ...token, roles })).toEqual({
      id: 'u1',
      roles,
      scopes: ['stock:read', 'stock:write', 'roles:write'],
      sessionId: 's1',
    })
  })

  it('puts the roles of the snapshot before those of the token', async () => {
    const reader = await openWith({ ...snapshot, users: { u1: ['user'] } })
    expect(reader.viewerOf(token)).toMatchObject({ roles: ['user'], scopes: [] })
  })

  it('does not know the viewer of a revoked session', async () => {
    const reader = await openWith({ ...snapshot, revokedSessions: { s1: Date.now() + 1_000 } })
    expect(reader.viewerOf(token)).toBeNull()
    expect(reader.viewerOf({ ...token, sid: 's2' })).not.toBeNull()
  })

  it('follows a change in well under a second and tells its listeners', async () => {
    const reader = await openWith(snapshot)
    const versions: number[] = []
    const stop = reader.onChange(({ version }) => void versions.push(version))
    const begun = performance.now()
    await publishRights(redis, { ...snapshot, version: 11, roles: { staff: [] } })
    await expect.poll(() => reader.viewerOf(token)?.scopes, { interval: 5 }).toEqual([])
    expect(performance.now() - begun).toBeLessThan(500)
    stop()
    await publishRights(redis, { ...snapshot, version: 12 })
    await expect.poll(() => reader.viewerOf(token)?.scopes.length).toBe(2)
    expect(versions).toEqual([11])
  })

  it('keeps what it knows when Redis has lost the snapshot, and when it holds nonsense', async () => {
    const reader = await openWith(snapshot)
    await redis.del(RIGHTS_KEY)
    await redis.publish('rights:changed', '10')
    await redis.set(RIGHTS_KEY, '{"version":99}')
    await redis.publish('rights:changed', '99')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reader.viewerOf(token)?.scopes).toHaveLength(2)
  })

  it('loads again after its connection was lost', async () => {
    const reader = await openWith(snapshot)
    await redis.set(RIGHTS_KEY, JSON.stringify({ ...snapshot, version: 13, roles: {} }))
    await dropSubscribers(redis, redisUrl)
    await expect.poll(() => reader.viewerOf(token)?.scopes, { timeout: 3_000 }).toEqual([])
  })
})

describe('publishing rights', () => {
  it('never replaces a newer snapshot by an older one', async () => {
    expect(await publishRights(redis, { ...snapshot, version: 20 })).toBe(true)
    expect(await publishRights(redis, { ...snapshot, version: 19 })).toBe(false)
    expect(await publishRights(redis, { ...snapshot, version: 20, users: { u9: [] } })).toBe(true)
    expect(JSON.parse((await redis.get(RIGHTS_KEY)) ?? '')).toMatchObject({ version: 20, users: { u9: [] } })
  })
})

function open() {
  const reader = createRightsReader({ redisUrl, logger })
  onTestFinished(() => reader.close())
  return reader
}

async function openWith(first: RightsSnapshot) {
  await publishRights(redis, first)
  const reader = open()
  await reader.ready
  return reader
}
