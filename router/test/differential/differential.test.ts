import { GraphQLError, type ExecutionResult } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createExecutors, type Execute } from './executors.ts'
import { generateOperation, type GeneratedOperation } from './generate-operation.ts'
import { graphs, type Graph } from './graphs.ts'

/** Of each kind for each graph. Set OPERATIONS for a longer search. */
const OPERATIONS = Number(process.env.OPERATIONS ?? 25)

describe.each(Object.entries(graphs))('%s', { timeout: 30_000 }, (_name, graph) => {
  it('gives the same data as ApolloGateway, and no errors', async () => {
    await compare(graph, await createExecutors(graph), 0, (our, their, text) => {
      expectSame(graph, our, their, text)
      if (!graph.losesObjects) expect(pathsOf(our), text).toEqual(pathsOf(their))
    })
  })

  it('gives the same data where fields fail and entities are not found, and explains no less', async () => {
    await compare(graph, await createExecutors(graph, { oneIn: 12 }), 10_000, (our, their, text) => {
      expectSame(graph, our, their, text)
      if (!graph.losesObjects) expect(unexplained(their, our), text).toEqual([])
    })
  })

  it.each(Object.keys(graph.schemas))(
    'gives the same data where %s is down, and explains no less',
    async (down) => {
      await compare(graph, await createExecutors(graph, { oneIn: 0 }, down), 20_000, (our, their, text) => {
        expectSame(graph, our, their, text)
        if (!graph.losesObjects) expect(unexplained(their, our), text).toEqual([])
      })
    },
  )
})

type Check = (our: ExecutionResult, their: ExecutionResult, text: string) => void

async function compare(
  graph: Graph,
  { schema, ours, theirs, close }: Awaited<ReturnType<typeof createExecutors>>,
  firstSeed: number,
  check: Check,
): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + OPERATIONS; seed += 1) {
    const operation = generateOperation(schema, seed, graph)
    const [our, their] = [await outcome(ours, operation), await outcome(theirs, operation)]
    const text = `seed ${seed}: ${operation.text} ${JSON.stringify(operation.variables)}`
    // Some operations the planner itself cannot plan, for either of us.
    if (our instanceof Error || their instanceof Error) expect(our, text).toEqual(their)
    else check(our, their, text)
  }
  await close()
}

const outcome = (execute: Execute, operation: GeneratedOperation): Promise<ExecutionResult | Error> =>
  Promise.resolve()
    .then(() => execute(operation))
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))

function expectSame(graph: Graph, our: ExecutionResult, their: ExecutionResult, text: string): void {
  const [ourData, theirData] = [plain(our.data), plain(their.data)]
  expect(graph.losesObjects ? withoutLost(ourData, theirData) : ourData, text).toEqual(theirData)
}

/** Only what the other has: null where it is null there, no field that is not there. */
function withoutLost(our: unknown, their: unknown): unknown {
  if (their === null) return null
  if (typeof our !== 'object' || our === null || typeof their !== 'object') return our
  const known = new Map<string, unknown>(Object.entries(their))
  if (Array.isArray(our)) return our.map((item, index) => withoutLost(item, known.get(String(index))))
  const kept = Object.entries(our).filter(([key]) => known.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutLost(value, known.get(key))]))
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown

/** The errors of `their` that nothing in `our` explains, at, above or below their place. */
function unexplained(their: ExecutionResult, our: ExecutionResult): string[] {
  const known = pathsOf(our)
  const isWithin = (path: string, outer: string) => outer === '' || `${path}.`.startsWith(`${outer}.`)
  return pathsOf(their).filter((path) => !known.some((one) => isWithin(path, one) || isWithin(one, path)))
}

function pathsOf({ errors = [], extensions }: ExecutionResult): string[] {
  // ApolloGateway hides here what did not fit the schema.
  const hidden = Array.isArray(extensions?.valueCompletion) ? extensions.valueCompletion : []
  const all = [...errors, ...hidden.filter((one) => one instanceof GraphQLError)]
  return all.map(({ path }) => path?.join('.') ?? '').toSorted()
}
