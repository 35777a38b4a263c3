/** What measuring costs: `node router/test/metrics/cost.ts`. */
import { parse, type OperationDefinitionNode } from 'graphql'
import type { SubgraphClient } from '../../src/engine/subgraph-client.ts'
import { createCounts } from '../../src/metrics/counts.ts'
import { createMeasuredClient } from '../../src/metrics/measured-client.ts'
import { createMeasures } from '../../src/metrics/measures.ts'

const TIMES = 1_000_000
const measures = createMeasures(createCounts(), new Set())
const operations = Array.from(
  { length: 50 },
  (_, index) => parse(`query Q${index} { a }`).definitions[0] as OperationDefinitionNode,
)
const client: SubgraphClient = { send: () => Promise.resolve({ data: {} }) }
const measured = createMeasuredClient(client, measures.subgraph('a'))
const request = { body: '', isMutation: false, mayShare: true }
const scope = { viewer: null, address: '', signal: new AbortController().signal, deadline: Infinity }

/** Nanoseconds each: the middle one of five runs. */
async function nanoseconds(run: (index: number) => unknown): Promise<number> {
  const runs: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const begunAt = performance.now()
    for (let index = 0; index < TIMES; index += 1) await run(index)
    runs.push(((performance.now() - begunAt) * 1_000_000) / TIMES)
  }
  return runs.toSorted((a, b) => a - b)[2] ?? 0
}

const nothing = await nanoseconds(() => undefined)
const anOperation = await nanoseconds((index) => {
  const begunAt = performance.now()
  const operation = operations[index % operations.length]
  if (operation) measures.operation(operation, 'ok', performance.now() - begunAt + (index % 500))
})
const bare = await nanoseconds(() => client.send(request, scope))
const aFetch = await nanoseconds(() => measured.send(request, scope))
console.log(`an operation  ${(anOperation - nothing).toFixed(0)} ns`)
console.log(`a fetch       ${(aFetch - bare).toFixed(0)} ns`)
