import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { GraphQLError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createCounts } from '../metrics/counts.ts'
import { persistedSchema } from './config.ts'
import { hashOf, readManifest } from './manifest.ts'
import { createPersisted, type PersistedRequest } from './persisted.ts'

const registered = '{ people { id } }'
const other = '{ people { name } }'
const manifest = new Map([[hashOf(registered), registered]])

function create(config: object, known = manifest) {
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  const counts = createCounts()
  const persisted = createPersisted({
    config: persistedSchema.parse(config),
    manifest: known,
    redis: null,
    counts,
    logger,
  })
  return {
    ...persisted,
    counts,
    logged,
    ask: (request: PersistedRequest) => told(() => persisted.textOf(request)),
  }
}

async function told(run: () => string | Promise<string>): Promise<unknown> {
  try {
    return await run()
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions.code : error
  }
}

const hashed = (text: string, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash: hashOf(text) } },
})

describe('registered operations', () => {
  it('are all that is served where that is enforced, by text or hash', async () => {
    const { ask, learn, counts, logged } = create({ mode: 'enforce' })
    expect(await ask({ query: registered })).toBe(registered)
    expect(await ask(hashed(registered))).toBe(registered)
    expect(await ask({ query: other })).toBe('QUERY_NOT_IN_SAFELIST')
    expect(await ask({ query: `${registered} ` })).toBe('QUERY_NOT_IN_SAFELIST')
    learn({ query: other, ...hashed(other) })
    expect(await ask(hashed(other))).toBe('QUERY_NOT_IN_SAFELIST')
    expect(counts.unregistered).toBe(3)
    expect(logged).toEqual([])
  })

  it('are counted, and told of once, where that is only looked at', async () => {
    const { ask, counts, logged } = create({ mode: 'log' })
    for (const query of [registered, other, other]) expect(await ask({ query })).toBe(query)
    expect(counts.unregistered).toBe(2)
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('people { name }')
  })

  it('are served beside others where nobody looks', async () => {
    const { ask, counts } = create({ mode: 'off' })
    expect(await ask({ query: other })).toBe(other)
    expect(await ask(hashed(registered))).toBe(registered)
    expect(counts.unregistered).toBe(0)
  })

  it('are read from a file that holds what it says', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'manifest-')), 'operations.json')
    writeFileSync(path, JSON.stringify(Object.fromEntries(manifest)))
    expect(await readManifest(path)).toEqual(manifest)
    writeFileSync(path, JSON.stringify({ [hashOf(other)]: registered }))
    await expect(readManifest(path)).rejects.toThrow('has another hash')
    writeFileSync(path, '[]')
    await expect(readManifest(path)).rejects.toThrow()
  })
})

describe('automatic persisted queries', () => {
  it('are not known, learnt, and known', async () => {
    const { ask, learn } = create({})
    expect(await ask(hashed(other))).toBe('PERSISTED_QUERY_NOT_FOUND')
    const both = { query: other, ...hashed(other) }
    expect(await ask(both)).toBe(other)
    learn(both)
    expect(await ask(hashed(other))).toBe(other)
  })

  it('refuse a text under the hash of another, known or not', async () => {
    const { ask, learn } = create({})
    expect(await ask({ query: other, ...hashed('{ best }') })).toBe('BAD_USER_INPUT')
    learn({ query: other, ...hashed(other) })
    expect(await ask({ query: '{ best }', ...hashed(other) })).toBe('BAD_USER_INPUT')
    expect(await ask({ query: other, ...hashed(registered) })).toBe('BAD_USER_INPUT')
  })

  it('are not kept when they are long or turned off', async () => {
    const long = `{ people { id } } #${'x'.repeat(50_000)}`
    for (const [config, text] of [
      [{}, long],
      [{ automatic: false }, other],
    ] as const) {
      const { ask, learn } = create(config)
      const both = { query: text, ...hashed(text) }
      expect(await ask(both)).toBe(text)
      learn(both)
      expect(await ask(hashed(text))).toBe('PERSISTED_QUERY_NOT_FOUND')
    }
  })

  it.each([
    [hashed(other, 2)],
    [{ extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } }],
    [{ extensions: { persistedQuery: 'x' } }],
    [{}],
    [{ query: null, extensions: null }],
  ])('are refused when they are not of the protocol: %j', async (request) => {
    expect(await create({}).ask(request)).toBe('BAD_USER_INPUT')
  })
})
