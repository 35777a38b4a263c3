import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { keepServer, type KeptServer, type KeptServerEvents } from './kept-server.ts'

/** Starts a local Redis that writes every command to its append-only file and syncs it each second. */
export async function startRedis(
  options: { dataDir: string; port: number } & Partial<KeptServerEvents>,
): Promise<KeptServer & { url: string }> {
  const { dataDir, port, ...events } = options
  const dir = join(dataDir, 'redis')
  mkdirSync(dir, { recursive: true })
  const logFile = join(dataDir, 'logs', 'redis.log')
  const settings = {
    port,
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  }
  const url = `redis://127.0.0.1:${port}`
  const server = await keepServer({
    ...events,
    name: 'Redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    logFile,
    answers: () => answers(url),
    withinMs: 15_000,
  })
  return { ...server, url }
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } finally {
    redis.disconnect()
  }
}
