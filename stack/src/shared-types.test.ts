import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, print, type DefinitionNode } from 'graphql'
import { describe, expect, it } from 'vitest'
import { root, subgraphs } from './paths.ts'

/** Value types and errors that several subgraphs declare must be the same everywhere; composition only hints at some. */
const definitions = subgraphs.flatMap((subgraph) =>
  parse(readFileSync(join(root, 'subgraphs', subgraph, 'schema.graphql'), 'utf8')).definitions.flatMap(
    (node) => (isShared(node) ? [{ subgraph, name: node.name.value, text: print(node) }] : []),
  ),
)
const copies = [...Map.groupBy(definitions, ({ name }) => name)].filter(([, list]) => list.length > 1)

describe('a type that several subgraphs share', () => {
  it.each(copies)('%s is the same in all of them', (_, list) => {
    expect(new Set(list.map(({ text }) => text)).size, list.map(({ text }) => text).join('\n')).toBe(1)
  })

  it('is found at all', () => {
    expect(copies.map(([name]) => name)).toEqual(expect.arrayContaining(['Money', 'PageInfo', 'UserError']))
  })
})

function isShared(node: DefinitionNode): node is DefinitionNode & { name: { value: string } } {
  if (!('name' in node) || !node.name) return false
  const isEntityOrRoot =
    node.kind === 'ObjectTypeDefinition' &&
    (['Query', 'Mutation', 'Subscription'].includes(node.name.value) ||
      node.directives?.some((directive) => directive.name.value === 'key'))
  return !isEntityOrRoot
}
