import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dockerAnswers, startInDocker } from './docker.ts'

// There is no engine where the tests run, so a program called docker notes what it is asked.
let folder: string
const path = process.env.PATH
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mall-docker-'))
  process.env.PATH = `${folder}${delimiter}${path}`
})
afterEach(() => {
  process.env.PATH = path
  rmSync(folder, { recursive: true })
})

function docker(exitCode: number): void {
  const program = join(folder, 'docker')
  writeFileSync(program, `#!/bin/sh\necho "$@" >> "${folder}/asked"\nexit ${exitCode}\n`)
  chmodSync(program, 0o755)
}
const asked = () => readFileSync(join(folder, 'asked'), 'utf8')

describe('a Docker engine', () => {
  it('that does not answer is not used', () => {
    docker(1)
    expect(dockerAnswers()).toBe(false)
  })

  it('brings up the infrastructure, waits for it, and stops it', async () => {
    docker(0)
    expect(dockerAnswers()).toBe(true)
    const infrastructure = await startInDocker({ dataDir: folder, onProgress: () => {} })
    expect(infrastructure.urls.kafka).toBe('127.0.0.1:9094')
    await infrastructure.stop()
    expect(asked()).toMatch(/up --detach --wait postgres redis kafka\n/)
    expect(asked()).toMatch(/stop postgres redis kafka\n/)
  })

  it('that fails is told with what it said', async () => {
    docker(1)
    await expect(startInDocker({ dataDir: folder, onProgress: () => {} })).rejects.toThrow(
      'docker compose up',
    )
  })
})
