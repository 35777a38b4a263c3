import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A JSON Schema 2020-12 of an event's data; `x-key` names the field that is the Kafka key. */
export interface EventSchema {
  $id: string
  title: string
  description: string
  'x-topic': string
  'x-key': string
  'x-version': number
  /** Kept for ever, so that a new reader can start from the beginning; otherwise as the broker is configured. */
  'x-retention'?: 'forever'
}

const folder = join(import.meta.dirname, '..', 'schemas')

/** Every event's schema by its type, which is also its topic's name and its file's name. */
export const eventSchemas: Record<string, EventSchema> = Object.fromEntries(
  readdirSync(folder)
    .sort()
    .map((file) => [file.replace(/\.json$/, ''), readSchema(file)]),
)

function readSchema(file: string): EventSchema {
  const schema: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  if (!isEventSchema(schema))
    throw new Error(`packages/contracts/schemas/${file} lacks title, x-key or x-version`)
  return schema
}

function isEventSchema(value: unknown): value is EventSchema {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['$id', 'title', 'description', 'x-topic', 'x-key', 'x-version'].every((name) => name in value)
  )
}
