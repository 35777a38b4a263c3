import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearData } from '@mall/stack'

/** A folder for the servers of a benchmark; it goes when the benchmark ends, however that is. */
export function createDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-bench-'))
  process.once('exit', () => clearData(dataDir))
  return dataDir
}
