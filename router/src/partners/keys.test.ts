import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { createKey, findKey, hashKey, keysFileSchema } from './keys.ts'
import { startLibrary, type TestKey } from './testing/start-library.ts'

const past = '2020-12-31'
const reader = { name: 'reader', key: 'key_reader' }
const staff = {
  name: 'staff',
  key: 'key_staff',
  scopes: ['books:price'],
  roles: ['clerk'],
  customer: 'user-7',
}
const keys: readonly TestKey[] = [
  reader,
  staff,
  { name: 'old', key: 'key_old', expires: past },
  { name: 'demo', key: 'key_demo', development: true },
]

let library: Awaited<ReturnType<typeof startLibrary>>
beforeAll(async () => {
  library = await startLibrary({ keys, isProduction: true })
})
afterAll(() => library.close())

const whoAmI = async (headers: object) => {
  const { status, body } = await library.ask('/v1/me', { headers })
  return status === 200 ? JSON.parse(body.data) : status
}
const withinASecond = { timeout: 1_500, interval: 20 }

describe('a key', () => {
  it('makes the viewer that the subgraph sees, whichever header it comes in', async () => {
    const viewer = { id: 'partner:reader', roles: [], scopes: [], sessionId: 'key:reader' }
    expect(await whoAmI({ 'x-api-key': 'key_reader' })).toEqual(viewer)
    expect(await whoAmI({ authorization: 'ApiKey key_reader' })).toEqual(viewer)
    expect(await whoAmI({ authorization: 'Bearer key_reader' })).toEqual(viewer)
    expect(await whoAmI({ 'x-api-key': 'key_staff' })).toEqual({
      id: 'user-7',
      roles: ['clerk'],
      scopes: ['books:price'],
      sessionId: 'key:staff',
    })
  })

  it('is refused with 401 when it is unknown, has expired, or is for development and this is production', async () => {
    const bad = ['key_unknown', 'key_old', 'key_demo', '', 'key reader', `key_${'x'.repeat(5_000)}`]
    for (const key of bad) expect([key, await whoAmI({ 'x-api-key': key })]).toEqual([key, 401])
    // Also where nobody needs to be known: a wrong key is no stranger.
    for (const key of bad) expect([key, (await library.ask('/v1/books', { key })).status]).toEqual([key, 401])
    const bearer = { authorization: 'Bearer key_unknown' }
    expect((await library.ask('/v1/books', { headers: bearer })).status).toBe(401)
    expect(library.logged.join()).not.toContain('key_')
  })

  it('counts at /graphql, with its scopes', async () => {
    const ask = (key: string) =>
      library.ask('/graphql', {
        method: 'POST',
        key,
        headers: { accept: 'application/graphql-response+json' },
        body: { query: '{ book(id: "1") { price } }' },
      })
    expect((await ask('key_staff')).body).toEqual({ data: { book: { price: 5 } } })
    expect((await ask('key_reader')).body.errors[0].extensions.code).toBe('FORBIDDEN')
    const refused = await ask('key_unknown')
    expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('a change of the file', () => {
  it('counts within a second; a socket of a key that was taken away is closed with 4403', async () => {
    const closed: unknown[] = []
    let events = 0
    const client = createClient({
      url: `${library.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'ApiKey key_staff' },
      retryAttempts: 0,
      on: { closed: (event) => void closed.push(event) },
    })
    client.subscribe(
      { query: 'subscription { changes { id } }' },
      { next: () => void (events += 1), error: () => undefined, complete: () => undefined },
    )
    await vi.waitFor(() => expect(events).toBe(1), { timeout: 3_000 })

    library.writeKeys([reader, { ...staff, key: 'key_new' }])
    await vi.waitFor(async () => expect(await whoAmI({ 'x-api-key': 'key_staff' })).toBe(401), withinASecond)
    expect(await whoAmI({ 'x-api-key': 'key_new' })).toMatchObject({ id: 'user-7' })
    await vi.waitFor(() => expect(closed).toMatchObject([{ code: 4403 }]), withinASecond)

    library.writeKeys([{ ...reader, scopes: ['books:price'] }, staff])
    await vi.waitFor(async () => {
      expect(await whoAmI({ 'x-api-key': 'key_reader' })).toMatchObject({ scopes: ['books:price'] })
    }, withinASecond)
    await client.dispose()
  })

  it('is refused when it has a fault, and the keys stay', async () => {
    library.writeKeysText('keys:\n  - name: reader\n    hash: key_reader\n')
    await vi.waitFor(() => expect(library.logged.join()).toContain('the last one stays'), withinASecond)
    expect(library.logged.join()).toContain('keys.yaml:3')
    expect(await whoAmI({ 'x-api-key': 'key_reader' })).toMatchObject({ id: 'partner:reader' })
  })
})

it('a file with a fault stops the start', async () => {
  await expect(startLibrary({ keys: [reader, reader] })).rejects.toThrow(/two keys have the same name/)
})

describe('a new key', () => {
  it('has 256 random bits and is found by its hash alone', () => {
    const [key, other] = [createKey(), createKey()]
    expect(key).toMatch(/^key_[\w-]{43}$/)
    expect(key).not.toBe(other)
    const { keys: known } = keysFileSchema.parse({
      keys: [other, key].map((one, index) => ({
        name: `k${index}`,
        hash: `sha256:${hashKey(one).toString('hex')}`,
      })),
    })
    expect(findKey(known, key)?.name).toBe('k1')
    expect(findKey(known, `${key}x`)).toBeNull()
  })

  it('is printed once by the command, with the entry that the file takes', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(import.meta.dirname, 'key-main.ts'), ...args], { encoding: 'utf8' })
    const { stdout, status } = run('--name', 'acme', '--scopes', 'a:b,c:d', '--expires', '2099-12-31')
    expect(status).toBe(0)
    const [key = ''] = /key_[\w-]{43}/.exec(stdout) ?? []
    const entry = stdout.slice(stdout.indexOf('  - name'))
    const { keys: read } = keysFileSchema.parse(parse(`keys:\n${entry}`))
    expect(findKey(read, key)).toMatchObject({
      name: 'acme',
      scopes: ['a:b', 'c:d'],
      viewerId: 'partner:acme',
      expiresAt: Date.parse('2099-12-31T23:59:59.999Z'),
    })
    const refused = run('--scopes', 'a')
    expect([refused.status, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('name: must be up to 50')
  })
})
