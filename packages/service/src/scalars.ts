import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import type { ValueNode } from 'graphql'
import { GraphQLSafeInt } from 'graphql-scalars'

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** An instant: Date in code; RFC 3339, UTC, milliseconds on the wire. Resolvers may also return epoch milliseconds. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize(value) {
    const date = value instanceof Date || typeof value === 'number' ? new Date(value) : readInstant(value)
    if (Number.isNaN(date.getTime())) throw new TypeError('a DateTime field was given an invalid date')
    return date.toISOString()
  },
  parseValue: readInstant,
  parseLiteral: (node) => readInstant(textOf(node)),
})

/** A whole number up to 2^53 − 1 in size, such as an amount in minor units. */
export const SafeInt = GraphQLSafeInt

/** An absolute http(s) URL, or a path that begins with `/` on the shop's own origin. A string in code. */
export const URLScalar = new GraphQLScalarType<string, string>({
  name: 'URL',
  serialize: (value) => readUrl(value instanceof URL ? value.href : value),
  parseValue: readUrl,
  parseLiteral: (node) => readUrl(textOf(node)),
})

/** Ready to be spread into a subgraph's resolvers. */
export const scalars = { DateTime, SafeInt, URL: URLScalar }

function readInstant(value: unknown): Date {
  if (typeof value === 'string' && rfc3339.test(value)) {
    const date = new Date(value)
    if (!Number.isNaN(date.getTime())) return date
  }
  throw new GraphQLError('A DateTime must be an RFC 3339 instant such as 2026-01-31T08:00:00.000Z.')
}

function readUrl(value: unknown): string {
  if (typeof value === 'string') {
    if (/^\/(?!\/)/.test(value)) return value
    if (['http:', 'https:'].includes(URL.parse(value)?.protocol ?? '')) return value
  }
  throw new GraphQLError('A URL must be absolute (http or https) or a path that begins with a slash.')
}

function textOf(node: ValueNode): string | null {
  return node.kind === Kind.STRING ? node.value : null
}
