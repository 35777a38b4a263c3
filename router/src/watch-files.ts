import { unwatchFile, watchFile, type StatsListener } from 'node:fs'

/** How often files are looked at, in milliseconds. */
const INTERVAL_MS = 500

/**
 * Calls back when one of the files has changed, appeared or gone. By polling: links that are turned round, as Kubernetes
 * does with configuration, and files that are replaced are noticed, too. Answers how to stop.
 */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  const listener: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size || now.ino !== before.ino) onChange()
  }
  for (const file of files) watchFile(file, { interval: INTERVAL_MS, persistent: false }, listener)
  return () => {
    for (const file of files) unwatchFile(file, listener)
  }
}
