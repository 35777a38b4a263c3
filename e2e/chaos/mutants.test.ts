import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '@mall/stack'
import { describe, expect, it } from 'vitest'
import { applyMutant } from './copy-tree.ts'
import { mutants } from './mutants.ts'

describe('a mutant', () => {
  it.each(mutants)('still finds what it removes: $name', (mutant) => {
    const folder = mkdtempSync(join(tmpdir(), 'mall-mutant-'))
    try {
      for (const { file } of mutant.patches) cpSync(join(root, file), join(folder, file))
      expect(() => applyMutant(folder, mutant)).not.toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('has a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })
})
