import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { createServer as createTcpServer, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@mall/stack'
import { Redis } from 'ioredis'

/** A Redis of one test's own, to be killed and cut back. */
export type OwnRedis = Awaited<ReturnType<typeof openOwnRedis>>

/** Starts it in a folder of its own, or with a copy of what another one has on disk. */
export async function openOwnRedis({ copyOf }: { copyOf?: string } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-redis-'))
  if (copyOf) cpSync(copyOf, dataDir, { recursive: true })
  const port = await freePort()
  let server = await startRedis({ dataDir, port })
  return {
    url: server.url,
    port,
    dataDir,

    /** As it is when the machine stops: nothing is written any more. */
    async kill(): Promise<void> {
      const client = new Redis(server.url)
      const pid = /^process_id:(\d+)/m.exec(await client.info('server'))?.[1]
      client.disconnect()
      process.kill(Number(pid), 'SIGKILL')
      await server.stop()
    },

    async startAgain(): Promise<void> {
      server = await startRedis({ dataDir, port })
    },

    /** How much of its log is on disk. */
    logSize: () => statSync(logFile()).size,

    /** Cuts its log back, as a power loss does with what had not reached the disk. */
    cutLog: (size: number) => truncateSync(logFile(), size),

    async close(): Promise<void> {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }

  function logFile(): string {
    const folder = join(dataDir, 'redis', 'appendonlydir')
    const name = readdirSync(folder).find((file) => file.endsWith('.incr.aof'))
    if (!name) throw new Error('Redis has no append-only file')
    return join(folder, name)
  }
}

/**
 * Stands between clients and a Redis, and can lead to another one without a client's connection breaking: what a failover
 * behind a load balancer looks like.
 */
export async function openSwitch(firstPort: number) {
  let port = firstPort
  const lines = new Set<{ client: Socket; server: Socket }>()
  const gate = createTcpServer((client) => {
    const line = { client, server: connect(port, '127.0.0.1') }
    lines.add(line)
    pipeBack(line)
    client.on('data', (data) => line.server.write(data))
    client.on('error', () => {})
    client.on('close', () => {
      lines.delete(line)
      line.server.destroy()
    })
  })
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${portOf(gate)}`,
    switchTo(other: number): void {
      port = other
      for (const line of lines) {
        line.server.removeAllListeners('close').destroy()
        line.server = connect(port, '127.0.0.1')
        pipeBack(line)
      }
    },
    close: () => new Promise((resolve) => gate.close(resolve)),
  }

  function pipeBack({ client, server }: { client: Socket; server: Socket }): void {
    server.on('data', (data) => client.write(data))
    server.on('error', () => {})
    server.on('close', () => client.destroy())
  }
}

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function portOf(server: ReturnType<typeof createTcpServer>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens nowhere')
  return address.port
}
