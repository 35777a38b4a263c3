import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@mall/stack'

/** A Redis for rates, on a port of its own. Null, with a word why, where there is none. */
export async function startBenchRedis(): Promise<{ url: string; stop(): Promise<void> } | null> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-router-'))
  try {
    const redis = await startRedis({ dataDir, port: 17_580 })
    return {
      url: redis.url,
      async stop() {
        await redis.stop()
        rmSync(dataDir, { recursive: true })
      },
    }
  } catch (error) {
    console.log(`rates in Redis are left out: ${String(error)}`)
    return null
  }
}
