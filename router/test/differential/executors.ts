import { composeServices } from '@apollo/composition'
import type { GraphQLDataSource } from '@apollo/gateway'
import { createLogger } from '@mall/service/logger'
import { GraphQLError, parse, type ExecutionResult } from 'graphql'
import { createEngine } from '../../src/engine/engine.ts'
import { createCounts } from '../../src/metrics/counts.ts'
import type { SubgraphClient } from '../../src/engine/subgraph-client.ts'
import { stripSupergraph } from '../../src/testing/strip-supergraph.ts'
import type { GeneratedOperation } from './generate-operation.ts'
import type { Graph } from './graphs.ts'
import { createMockSubgraph, type Faults, type MockSubgraph } from './mock-subgraph.ts'
import { createOracle, wholeSchema } from './oracle.ts'

// Read when the gateway is made: without it, it reports figures to its vendor.
process.env.APOLLO_TELEMETRY_DISABLED = 'true'
const { ApolloGateway } = await import('@apollo/gateway')

export type Execute = (operation: GeneratedOperation) => Promise<ExecutionResult>

/** Our executor and ApolloGateway's over the same subgraphs. `down` fails every request to one of them. */
export async function createExecutors(graph: Graph, faults: Faults = { oneIn: 0 }, down?: string) {
  const supergraphSdl = composeGraph(graph)
  const whole = wholeSchema(supergraphSdl)
  const subgraphs = new Map(
    Object.entries(graph.schemas).map(([name, sdl]) => [name, createMockSubgraph(sdl, whole, faults)]),
  )
  const logger = createLogger({ name: 'test', level: 'silent' })
  const answerOf = (name: string): MockSubgraph['answer'] => {
    const subgraph = subgraphs.get(name)
    if (!subgraph || name === down) return () => Promise.reject(gone())
    return subgraph.answer
  }

  const clients = new Map(
    [...subgraphs.keys()].map((name): [string, SubgraphClient] => {
      const answer = answerOf(name)
      return [name, { send: ({ body }) => answer(body) }]
    }),
  )
  const engine = createEngine({ supergraphSdl, clients, counts: createCounts(), logger })
  const scope = { viewer: null, address: '', signal: new AbortController().signal, deadline: Infinity }
  const ours: Execute = ({ document, variables, text }) =>
    engine.execute({ document, key: text, variables }, scope)

  const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const gateway = new ApolloGateway({
    supergraphSdl: stripSupergraph(supergraphSdl),
    logger: quiet,
    buildService: ({ name }) => dataSource(answerOf(name ?? '')),
  })
  const { executor } = await gateway.load()
  const theirs: Execute = ({ document, variables, text }) => {
    const context = {
      request: { variables: { ...defaultsOf(document), ...variables } },
      document,
      operation: document.definitions[0],
      operationName: null,
      queryHash: text,
      context: {},
      metrics: {},
      logger: quiet,
      schema: engine.schema,
    }
    // What is left out is Apollo Server's own, which the gateway does not read.
    return executor(context as unknown as Parameters<typeof executor>[0])
  }
  const expected = createOracle(engine.schema, whole, graph)
  return { schema: engine.schema, ours, theirs, expected, close: () => gateway.stop() }
}

export function composeGraph({ schemas }: Graph): string {
  const services = Object.entries(schemas).map(([name, sdl]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(sdl),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

const ignore = () => undefined
const gone = () => new GraphQLError('This is not available.', { extensions: { code: 'UNAVAILABLE' } })

function dataSource(answer: MockSubgraph['answer']): GraphQLDataSource {
  return {
    async process({ request: { query, variables } }) {
      const { data, errors } = await answer(JSON.stringify({ query, variables }))
      return { data: data ?? null, ...(errors ? { errors: errors.map((one) => ({ ...one })) } : {}) }
    },
  }
}

/** ApolloGateway looks for the variables of @skip and @include in plans among the given ones. */
function defaultsOf({ definitions: [operation] }: GeneratedOperation['document']): Record<string, unknown> {
  if (operation?.kind !== 'OperationDefinition') return {}
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === 'BooleanValue' ? [[variable.name.value, defaultValue.value] as const] : [],
  )
  return Object.fromEntries(defaults)
}
