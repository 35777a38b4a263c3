/** What measuring costs: `node router/test/metrics/cost.ts`. */
import { parse, type OperationDefinitionNode } from 'graphql'
import { createCounts } from '../../src/metrics/counts.ts'
import { createMeasures } from '../../src/metrics/measures.ts'

const TIMES = 1_000_000
const measures = createMeasures(createCounts(), new Set())
const operations = Array.from(
  { length: 50 },
  (_, index) => parse(`query Q${index} { a }`).definitions[0] as OperationDefinitionNode,
)
const subgraph = measures.subgraph('a')

/** Nanoseconds each: the middle one of five runs. */
function nanoseconds(run: (index: number) => void): number {
  const runs: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const begunAt = performance.now()
    for (let index = 0; index < TIMES; index += 1) run(index)
    runs.push(((performance.now() - begunAt) * 1_000_000) / TIMES)
  }
  return runs.toSorted((a, b) => a - b)[2] ?? 0
}

const nothing = nanoseconds(() => undefined)
const anOperation = nanoseconds((index) => {
  const begunAt = performance.now()
  const operation = operations[index % operations.length]
  if (operation) measures.operation(operation, 'ok', performance.now() - begunAt + (index % 500))
})
const aFetch = nanoseconds((index) => {
  const begunAt = performance.now()
  subgraph.fetching += 1
  subgraph.fetching -= 1
  subgraph.fetch('ok', performance.now() - begunAt + (index % 500))
})
console.log(`an operation  ${(anOperation - nothing).toFixed(0)} ns`)
console.log(`a fetch       ${(aFetch - nothing).toFixed(0)} ns`)
