import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { faultAt } from './fault.ts'

/** A file's value, and where in the file a part of it is. */
export interface YamlFile<Value> {
  readonly value: Value
  lineOf(path: readonly PropertyKey[]): number
}

/** Reads and checks a YAML file. Throws ConfigError with the line of the first fault. */
export function readYaml<Schema extends z.ZodType>(file: string, schema: Schema): YamlFile<z.output<Schema>> {
  const lines = new LineCounter()
  const document = parseDocument(readText(file), { lineCounter: lines })
  const [broken] = document.errors
  if (broken)
    throw faultAt(file, lines.linePos(broken.pos[0]).line, broken.message.split('\n')[0] ?? 'is not YAML')

  /** Of the deepest part of the path that the file has. */
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      if (isRanged(node)) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const result = schema.safeParse(document.toJS())
  if (result.success) return { value: result.data, lineOf }
  const { path = [], message = 'is not as expected' } = result.error.issues[0] ?? {}
  throw faultAt(file, lineOf(path), [path.map(String).join('.'), message].filter(Boolean).join(': '))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw faultAt(file, 1, `cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

const isRanged = (node: unknown): node is { range: [number, number, number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
