import { buildSchema, GraphQLError, parse, print } from 'graphql'
import { describe, expect, it } from 'vitest'
import { takeMarks, withMarks } from './marks.ts'

const schema = buildSchema(`
  type Query { sku: Sku }
  type Sku { id: ID! name: String changed: Change }
  type Change { sku: Sku! version: Int! }
  type Subscription { changed: Change }`)
const paths = { key: ['sku', 'id'], version: ['version'] }

describe('marks', () => {
  it('are selected at the root field alone, wherever its fields are', () => {
    const text = `subscription { ...f } fragment f on Subscription { c: changed { sku { changed { version } } } }`
    expect(print(withMarks(schema, parse(text), paths)).replaceAll(/\s+/g, ' ')).toBe(
      'subscription { ...f } fragment f on Subscription { c: changed { sku { changed { version } } ' +
        '__shared_key: sku { __shared_key: id } __shared_version: version } }',
    )
  })

  it('are taken out of an answer, and their errors with them', () => {
    const own = new GraphQLError('own', { path: ['c', 'name'] })
    const ours = new GraphQLError('ours', { path: ['c', '__shared_version'] })
    const c = { name: null, __shared_key: { __shared_key: 7 }, __shared_version: null }
    expect(takeMarks({ data: { c }, errors: [ours, own] })).toEqual({
      result: { data: { c: { name: null } }, errors: [own] },
      marks: { key: '7', version: null },
    })
    expect(takeMarks({ data: { c }, errors: [ours] }).result).toEqual({ data: { c: { name: null } } })
  })

  it.each([
    ['failed', { data: null, errors: [new GraphQLError('failed')] }],
    ['is null', { data: { c: null } }],
    ['is of nothing', { data: { c: { __shared_key: null } } }],
  ])('are none where an event %s', (_what, result) => {
    expect(takeMarks(result).marks).toEqual({ key: undefined, version: undefined })
  })
})
