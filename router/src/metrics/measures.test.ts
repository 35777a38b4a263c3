import { parse, type OperationDefinitionNode } from 'graphql'
import { expect, it } from 'vitest'
import { createCounts } from './counts.ts'
import { createMeasures } from './measures.ts'
import { MAX_OTHER_NAMES } from './operation-names.ts'

const operationIn = (text: string) => parse(text).definitions[0] as OperationDefinitionNode
const seriesIn = (text: string) => text.match(/_count\{.*/g) ?? []

it('operations of one name and type share a series, whatever their texts', () => {
  const measures = createMeasures(createCounts(), new Set())
  for (const text of ['query A { a }', 'query A { b }', 'mutation A { a }', '{ a }'])
    measures.operation(operationIn(text), 'ok', 1)
  expect(seriesIn(measures.text())).toEqual([
    '_count{operation="A",type="query",outcome="ok"} 2',
    '_count{operation="A",type="mutation",outcome="ok"} 1',
    '_count{operation="anonymous",type="query",outcome="ok"} 1',
  ])
})

it('what clients send does not add series without end', () => {
  const measures = createMeasures(createCounts(), new Set())
  for (let i = 0; i < 5_000; i += 1) measures.operation(operationIn(`query Q${i} { a }`), 'refused', 1)
  expect(seriesIn(measures.text())).toHaveLength(MAX_OTHER_NAMES + 1)
  expect(measures.text()).toContain(
    `operation="other",type="query",outcome="refused"} ${5_000 - MAX_OTHER_NAMES}`,
  )
})

it('a subgraph keeps what was measured of it over swaps', () => {
  const measures = createMeasures(createCounts(), new Set())
  measures.subgraph('a').retries += 1
  expect(measures.subgraph('a').retries).toBe(1)
  expect([...measures.subgraphs.keys()]).toEqual(['a'])
})
