import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchAppendOnlyFile, type AppendOnlyFile } from './append-only-file.ts'

let dataDir: string
let file: string
let watch: AppendOnlyFile
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mall-aof-'))
  mkdirSync(join(dataDir, 'redis', 'appendonlydir'), { recursive: true })
  file = join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.2.incr.aof')
  writeFileSync(join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.1.base.rdb'), 'base')
  writeFileSync(file, 'old')
  watch = watchAppendOnlyFile(dataDir)
})
afterEach(() => {
  watch.stop()
  rmSync(dataDir, { recursive: true })
})

describe('a power cut', () => {
  it('takes what was written last and leaves what was there before', async () => {
    await sleep(200)
    writeFileSync(file, 'old and new')
    watch.cutBack(100)
    expect(readFileSync(file, 'utf8')).toBe('old')
  })

  it('takes the whole of a file that is younger', async () => {
    await sleep(100)
    const younger = file.replace('.2.', '.10.')
    writeFileSync(younger, 'new')
    watch.cutBack(1_000)
    expect(readFileSync(younger, 'utf8')).toBe('')
    expect(readFileSync(file, 'utf8')).toBe('old')
  })
})
