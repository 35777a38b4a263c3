import { readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

/** Watches how Redis's append-only file grows, so that its last second can be taken away. */
export interface AppendOnlyFile {
  /** Cuts the file back to what a disk had for certain `lostMs` ago. Only while Redis is not running. */
  cutBack(lostMs: number): void
  stop(): void
}

const everyMs = 50
const keptMs = 5_000

/**
 * A kill alone loses nothing that reached the page cache; a power cut loses what was not synced, about a second with
 * `appendfsync everysec`. Redis mends a tail that ends in the middle of a command (`aof-load-truncated`, its default).
 */
export function watchAppendOnlyFile(dataDir: string): AppendOnlyFile {
  const folder = join(dataDir, 'redis', 'appendonlydir')
  let seen: { at: number; file: string; size: number }[] = []
  const timer = setInterval(() => {
    const now = Date.now()
    const file = newestPart(folder)
    if (file) seen.push({ at: now, file, size: statSync(file, { throwIfNoEntry: false })?.size ?? 0 })
    seen = seen.filter(({ at }) => now - at < keptMs)
  }, everyMs)
  return {
    cutBack(lostMs) {
      const file = newestPart(folder)
      if (!file) return
      const before = Date.now() - lostMs
      const synced = seen.findLast((one) => one.at <= before && one.file === file)?.size ?? 0
      if (synced < statSync(file).size) truncateSync(file, synced)
      seen = []
    },
    stop: () => clearInterval(timer),
  }
}

/** The file that is appended to: `appendonly.aof.<n>.incr.aof` with the highest number. */
function newestPart(folder: string): string | null {
  const parts = readdirSync(folder)
    .map((name) => ({ name, turn: Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? Number.NaN) }))
    .filter(({ turn }) => !Number.isNaN(turn))
    .sort((a, b) => b.turn - a.turn)
  return parts[0] ? join(folder, parts[0].name) : null
}
