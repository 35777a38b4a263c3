import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCodes } from '@mall/service/errors'
import { expect, it } from 'vitest'

it('docs/errors.md lists exactly the codes that exist', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'errors.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code)
  expect(listed).toEqual([...errorCodes])
})
