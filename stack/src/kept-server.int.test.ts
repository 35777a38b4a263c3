import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@mall/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import type { KeptServer } from './kept-server.ts'
import { choosePort } from './ports.ts'
import { databaseUrl, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'mall-kept-'))
const running: KeptServer[] = []
afterAll(async () => {
  await Promise.all(running.map((server) => server.stop()))
  rmSync(dataDir, { recursive: true })
})

describe('a server that ends by itself', () => {
  it('is started again as another process, after what was to be done before that', async () => {
    const port = await choosePort('Redis', 17_380, undefined, new Set())
    const seen: string[] = []
    const server = await startRedis({ dataDir, port, onChange: () => seen.push('changed') })
    running.push(server)
    const first = server.pid()
    server.beforeNextStart(() => seen.push('prepared'))
    process.kill(first, 'SIGKILL')
    await eventually('Redis runs again', async () => {
      const redis = new Redis(server.url, { retryStrategy: () => null, lazyConnect: true })
      redis.on('error', () => {})
      await redis.connect()
      return (await redis.ping()) === 'PONG' && redis.quit()
    })
    expect(server.pid()).not.toBe(first)
    expect(seen).toEqual(['prepared', 'changed'])
  })

  it('comes back though what it left behind still works: PostgreSQL', async () => {
    const port = await choosePort('PostgreSQL', 16_433, undefined, new Set())
    const server = await startPostgres({ dataDir, port })
    running.push(server)
    const url = databaseUrl(server.url, 'postgres')
    const busy = new pg.Client({ connectionString: url })
    busy.on('error', () => {})
    await busy.connect()
    await busy.query('create table kept (id int)')
    await busy.query('insert into kept values (7)')
    // Its process goes on for a moment without the one that started it, and holds the shared memory.
    const work = busy.query('select pg_sleep(2)').catch(() => {})
    process.kill(server.pid(), 'SIGKILL')
    const rows = await eventually('PostgreSQL runs again', async () => {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
      client.on('error', () => {})
      await client.connect()
      const answer = await client.query<{ id: number }>('select id from kept')
      await client.end()
      return answer.rows
    })
    expect(rows).toEqual([{ id: 7 }])
    await work
    await busy.end().catch(() => {})
  })
})
