import { badUserInput } from './errors.ts'

/** A page in Relay's form (https://relay.dev/graphql/connections.htm). */
export interface Connection<Node> {
  readonly edges: { readonly node: Node; readonly cursor: string }[]
  readonly nodes: Node[]
  readonly pageInfo: PageInfo
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** What a cursor holds: the sort key's parts, the last of them unique. */
export type CursorParts = readonly (string | number)[]

/** A cursor is opaque to clients: base64url of the sort key, so that it stays right when rows come and go. */
export function encodeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/**
 * The sort key in a cursor, null when there is none. Throws BAD_USER_INPUT when the cursor is not one
 * of ours; `length` is the number of parts that the list's own cursors have.
 */
export function decodeCursor(cursor: string | null | undefined, length: number): CursorParts | null {
  if (cursor === null || cursor === undefined) return null
  const parts = parse(cursor)
  if (!isCursorParts(parts) || parts.length !== length) {
    throw badUserInput('The argument "after" is not a cursor of this list.')
  }
  return parts
}

/** The page size asked for. Throws BAD_USER_INPUT outside 1…max. */
export function pageSize(first: number | null | undefined, { fallback = 20, max = 100 } = {}): number {
  const size = first ?? fallback
  if (size < 1 || size > max) throw badUserInput(`The argument "first" must be between 1 and ${max}.`)
  return size
}

/** Builds a page from one row more than `first`, whose presence tells that there is a next page. */
export function buildConnection<Row, Node = Row>(options: {
  readonly rows: readonly Row[]
  readonly first: number
  readonly after?: string | null | undefined
  readonly cursorOf: (row: Row) => CursorParts
  readonly nodeOf: (row: Row) => Node
}): Connection<Node>
export function buildConnection<Row>(options: {
  readonly rows: readonly Row[]
  readonly first: number
  readonly after?: string | null | undefined
  readonly cursorOf: (row: Row) => CursorParts
}): Connection<Row>
export function buildConnection<Row>(options: {
  readonly rows: readonly Row[]
  readonly first: number
  readonly after?: string | null | undefined
  readonly cursorOf: (row: Row) => CursorParts
  readonly nodeOf?: (row: Row) => unknown
}): Connection<unknown> {
  const { rows, first, after, cursorOf, nodeOf = (row) => row } = options
  const edges = rows
    .slice(0, first)
    .map((row) => ({ node: nodeOf(row), cursor: encodeCursor(cursorOf(row)) }))
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null
  }
}

function isCursorParts(value: unknown): value is CursorParts {
  return Array.isArray(value) && value.every((part) => typeof part === 'string' || typeof part === 'number')
}
