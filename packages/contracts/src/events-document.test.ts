import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { eventSchemas } from './index.ts'

it('docs/events.md has every event with its key, and no other', () => {
  const document = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'events.md'), 'utf8')
  const messages = document.split('## Messages')[1]?.split('\n## ')[0] ?? ''
  const rows = [...messages.matchAll(/^\| `([a-z-]+)`[^|]*\| `(\w+)`/gm)].map(([, topic, key]) => [
    topic,
    key,
  ])
  const schemas = Object.entries(eventSchemas).map(([topic, schema]) => [topic, schema['x-key']])
  expect(rows.toSorted()).toEqual(schemas.toSorted())
})
