import { describe, expect, it } from 'vitest'
import { chainGraphs } from './chain-graphs.ts'
import { createExecutors } from './executors.ts'
import { generateOperation } from './generate-operation.ts'
import { graphs } from './graphs.ts'

/** Of each graph. Set OPERATIONS for a longer search. */
const OPERATIONS = Number(process.env.OPERATIONS ?? 60)

// ApolloGateway is no measure here: it asks for fields whose needs it has not fetched.
describe.each(Object.entries({ ...graphs, ...chainGraphs }))('%s', { timeout: 120_000 }, (_name, graph) => {
  it('gives what one service would give that knows all, whatever requires what, wherever objects begin', async () => {
    const { schema, ours, expected, close } = await createExecutors(graph)
    for (let seed = 0; seed < OPERATIONS; seed += 1) {
      const operation = generateOperation(schema, seed, graph)
      const { data, errors } = await ours(operation)
      const text = `seed ${seed}: ${operation.text} ${JSON.stringify(operation.variables)}`
      expect(errors, text).toBeUndefined()
      expect(JSON.parse(JSON.stringify(data)), text).toEqual(
        JSON.parse(JSON.stringify((await expected(operation)).data)),
      )
    }
    await close()
  })
})
