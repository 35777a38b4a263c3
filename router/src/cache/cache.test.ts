import { describe, expect, it } from 'vitest'
import { composeSupergraph } from '../../test/faults/sick-graph.ts'
import { sharedMaxAge } from './cache-control.ts'
import { collectCacheTags, fillTag } from './cache-tags.ts'
import { readFetchShape } from './fetch-shape.ts'
import { collectGuardedFields } from './guarded-fields.ts'

const nothing: ReadonlySet<string> = new Set()

it.each([
  [undefined, 0],
  ['', 0],
  ['public', 0],
  ['max-age=60', 60],
  ['public, max-age="60"', 60],
  ['MAX-AGE=60, s-maxage=5', 5],
  ['private, max-age=60', 0],
  ['max-age=60, private="set-cookie"', 0],
  ['no-store, max-age=60', 0],
  ['max-age=60, no-cache', 0],
  ['max-age=-1', 0],
  ['max-age=9999999', 3_600],
])('Cache-Control: %s is kept for %d s', (header, seconds) => {
  expect(sharedMaxAge(header)).toBe(seconds)
})

describe('tags', () => {
  const link = (imports: string) =>
    `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: [${imports}])`
  const supergraphSdl = composeSupergraph([
    {
      name: 'goods',
      url: 'http://goods/',
      sdl: `${link('"@key", "@cacheTag", "@policy", "@authenticated"')}
        type Query { item(id: ID!): Item @cacheTag(format: "item-{$args.id}") me: Person }
        type Item @key(fields: "id") @cacheTag(format: "item-{$key.id}") @cacheTag(format: "items") {
          id: ID! name: String cost: Int @policy(policies: [["owner"]]) }
        type Person @authenticated { nickname: String }`,
    },
    {
      name: 'stock',
      url: 'http://stock/',
      sdl: `${link('"@key"')} type Item @key(fields: "id") { id: ID! count: Int }`,
    },
  ])

  it('are read of types and root fields, each for the subgraph that says so', () => {
    const tags = collectCacheTags(supergraphSdl)
    expect(tags.ofType('goods', 'Item')).toEqual(['item-{$key.id}', 'items'])
    expect(tags.ofField('goods', 'item')).toEqual(['item-{$args.id}'])
    expect([tags.ofType('stock', 'Item'), tags.ofField('goods', 'me')]).toEqual([[], []])
  })

  it('are filled by keys and arguments, or not at all', () => {
    expect(fillTag('items', { key: {} })).toBe('items')
    expect(fillTag('item-{$key.id}-{$key.sku.code}', { key: { id: 1, sku: { code: 'a' } } })).toBe('item-1-a')
    for (const key of [{}, { id: null }, { id: ['1'] }, null, '1'])
      expect(fillTag('item-{$key.id}', { key })).toBeUndefined()
    expect(fillTag('{$key.__proto__}{$key.constructor}', { key: {} })).toBeUndefined()
  })

  it('do not help what is guarded: it is known by name', () => {
    expect(collectGuardedFields(supergraphSdl)).toEqual(new Set(['cost', 'nickname']))
    expect(readFetchShape('{ item { cost } }', new Set(['cost']))).toBeNull()
  })
})

describe('what a fetch asks', () => {
  it('is entities, of one field or several, the same by any name of the operation', () => {
    const one = readFetchShape(
      'query A($representations:[_Any!]! $n:Int){_entities(representations:$representations){...on Item{top(n:$n)}}}',
      nothing,
    )
    const joined = readFetchShape(
      'query($representations0:[_Any!]! $representations1:[_Any!]! $n:Int){e0:_entities(representations:$representations0){... on Item {top(n: $n)}} e1:_entities(representations:$representations1){__typename}}',
      nothing,
    )
    expect(one).toMatchObject({ kind: 'entities', fields: [{ responseKey: '_entities', variables: ['n'] }] })
    expect(joined).toMatchObject({ kind: 'entities', fields: [{ responseKey: 'e0' }, { responseKey: 'e1' }] })
    const selectionOf = (shape: typeof one) => shape?.kind === 'entities' && shape.fields[0]?.selection
    expect(selectionOf(one)).toBe(selectionOf(joined))
  })

  it('is root fields with their arguments', () => {
    const shape = readFetchShape('query($id:ID!){a:item(id:$id){id} all(first:2){id}}', nothing)
    if (shape?.kind !== 'root') throw new Error('these are root fields')
    expect(shape.fields.map(({ name, argsOf }) => [name, argsOf({ id: '7' })])).toEqual([
      ['item', { id: '7' }],
      ['all', { first: 2 }],
    ])
  })

  it('is nothing to keep for mutations, and where entities are not alone', () => {
    for (const query of [
      'mutation { a }',
      '{ a _entities(representations: []) { __typename } }',
      '{ ...f } fragment f on Query { a }',
    ])
      expect(readFetchShape(query, nothing)).toBeNull()
  })
})
