import { describe, expect, it } from 'vitest'
import { buildConnection, decodeCursor, encodeCursor, pageSize } from './connection.ts'

const rows = [
  { id: 'c', at: 3 },
  { id: 'b', at: 2 },
  { id: 'a', at: 1 },
]
const cursorOf = (row: { id: string; at: number }) => [row.at, row.id]

describe('a connection', () => {
  it('shows a next page when there is one row more than asked for', () => {
    const page = buildConnection({ rows, first: 2, cursorOf })
    expect(page.nodes.map(({ id }) => id)).toEqual(['c', 'b'])
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges[1]?.cursor,
    })
  })

  it('ends when no row is left over', () => {
    const page = buildConnection({ rows, first: 3, after: encodeCursor([4, 'd']), cursorOf })
    expect(page.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  })

  it('is empty without rows', () => {
    const page = buildConnection({ rows: [], first: 3, cursorOf })
    expect(page).toMatchObject({ edges: [], nodes: [], pageInfo: { startCursor: null, endCursor: null } })
  })

  it('makes nodes of rows when told how', () => {
    const page = buildConnection({ rows, first: 1, cursorOf, nodeOf: ({ id }) => id.toUpperCase() })
    expect(page.nodes).toEqual(['C'])
  })
})

describe('a cursor', () => {
  it('gives back what it was made of', () => {
    expect(decodeCursor(encodeCursor([3, '商品']), 2)).toEqual([3, '商品'])
    expect(decodeCursor(undefined, 2)).toBeNull()
  })

  it.each(['', 'nonsense', encodeCursor([1]), Buffer.from('{"a":1}').toString('base64url')])(
    'is refused when it is %j',
    (cursor) => {
      expect(() => decodeCursor(cursor, 2)).toThrow('not a cursor of this list')
    },
  )
})

describe('a page size', () => {
  it('has a default and bounds', () => {
    expect(pageSize(null)).toBe(20)
    expect(pageSize(100)).toBe(100)
    expect(() => pageSize(0)).toThrow('between 1 and 100')
    expect(() => pageSize(101)).toThrow('between 1 and 100')
  })
})
