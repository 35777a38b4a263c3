/** A JSON Schema 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The schemas that a document names, in the order in which they were met. */
export interface Components {
  /** A reference to the schema of that name, which is made when it is first asked for. */
  once(name: string, make: () => JsonSchema): JsonSchema
  /** A reference under the first of these names that is free or has the very same schema; null when none is. */
  firstFree(names: readonly string[], schema: JsonSchema): JsonSchema | null
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

export function createComponents(): Components {
  const schemas: Record<string, JsonSchema> = {}
  return {
    schemas,
    once(name, make) {
      if (!Object.hasOwn(schemas, name)) {
        // Before it is made: a type may contain itself.
        schemas[name] = {}
        schemas[name] = make()
      }
      return refTo(name)
    },
    firstFree(names, schema) {
      const text = JSON.stringify(schema)
      const name = names.find((one) => !Object.hasOwn(schemas, one) || JSON.stringify(schemas[one]) === text)
      if (name === undefined) return null
      schemas[name] = schema
      return refTo(name)
    },
  }
}

export const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

/** The schema, or null. */
export function nullable(schema: JsonSchema): JsonSchema {
  return typeof schema.type === 'string'
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] }
}

/** The schema with a sentence about this use of it. */
export function described(schema: JsonSchema, ...sentences: (string | null | undefined)[]): JsonSchema {
  const description = sentences.filter(Boolean).join(' ')
  return description === '' ? schema : { ...schema, description }
}
