/** Writes src/generated/events.ts: one type per schema and a table from event type to data. Run by `npm run codegen`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { eventSchemas } from './schemas.ts'

const target = join(import.meta.dirname, 'generated')
const types: string[] = []
const rows: string[] = []
for (const [type, schema] of Object.entries(eventSchemas)) {
  types.push(
    await compile(structuredClone(schema), schema.title, {
      bannerComment: '',
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      format: false,
    }),
  )
  rows.push(`  '${type}': ${schema.title}`)
}
mkdirSync(target, { recursive: true })
writeFileSync(
  join(target, 'events.ts'),
  `${types.join('\n')}\n/** Data of every event by its type. */\nexport interface EventData {\n${rows.join('\n')}\n}\n`,
)
