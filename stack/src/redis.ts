import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startProgram, waitUntil } from './process.ts'
import type { Service } from './postgres.ts'

/** Starts a local Redis that writes every command to its append-only file and syncs it each second. */
export async function startRedis(options: {
  dataDir: string
  port: number
}): Promise<Service & { url: string }> {
  const dir = join(options.dataDir, 'redis')
  mkdirSync(dir, { recursive: true })
  const logFile = join(options.dataDir, 'logs', 'redis.log')
  const settings = {
    port: options.port,
    bind: '127.0.0.1',
    dir,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  }
  const program = startProgram({
    name: 'Redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    logFile,
  })
  const url = `redis://127.0.0.1:${options.port}`
  await waitUntil('Redis', () => answers(url), { timeoutMs: 15_000, program, logFile })
  return { url, stop: () => program.stop() }
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
