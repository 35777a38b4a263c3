import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import type { ApolloGateway as Gateway, GraphQLDataSource } from '@apollo/gateway'
import { QueryPlanner, type FetchNode, type PlanNode, type QueryPlan } from '@apollo/query-planner'
import type { Logger } from '@mall/service/logger'
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import { createLru } from '@mall/service/lru'
import { errorsOfFailedFetch } from './fetch-errors.ts'
import type { RequestScope, SubgraphClient } from './subgraph-client.ts'

// Read when the gateway is made: without it, it reports figures to its vendor.
process.env.APOLLO_TELEMETRY_DISABLED = 'true'
const { ApolloGateway, buildOperationContext, executeQueryPlan } = await import('@apollo/gateway')

/** An operation that was parsed, validated and, if need be, pruned; exactly one in its document. */
export interface EngineOperation {
  readonly document: DocumentNode
  /** Identifies the document: the key of its plan. */
  readonly key: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** How a subscription is run: where its events come from, and how an event becomes an answer. */
export interface SubscriptionPlan {
  readonly subgraph: string
  readonly query: string
  readonly operationName: string | undefined
  /** Names of the operation's variables that the subgraph wants. */
  readonly variableNames: readonly string[]
  complete(event: ExecutionResult, operation: EngineOperation, scope: RequestScope): Promise<ExecutionResult>
}

/** Plans and executes operations over subgraphs. What it answers is not yet masked. */
export interface Engine {
  /** What clients see. */
  readonly schema: GraphQLSchema
  execute(operation: EngineOperation, scope: RequestScope): Promise<ExecutionResult>
  planSubscription(operation: EngineOperation): SubscriptionPlan
  stop(): Promise<void>
}

export interface EngineOptions {
  /** Without the directives that ApolloGateway does not know (`stripSupergraph`). */
  readonly supergraphSdl: string
  readonly clients: ReadonlyMap<string, SubgraphClient>
  readonly logger: Logger
}

type RequestContext = Parameters<Gateway['executor']>[0]

/** Plans of subscriptions that are remembered; those of queries ApolloGateway remembers. */
const MAX_PLANS = 500

/** The service name under which an event's own data enters its plan. */
const EVENT = '(event)'

/** An engine on ApolloGateway's planner and executor, with our own way to the subgraphs. */
export async function createEngine({ supergraphSdl, clients, logger }: EngineOptions): Promise<Engine> {
  const sources = new Map([...clients].map(([name, client]) => [name, dataSource(name, client, logger)]))
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: quiet(logger),
    buildService: ({ name }) => sources.get(name) ?? missing(name),
  })
  const { schema, executor } = await gateway.load()
  const forSubscriptions = lazily(() => {
    const supergraph = Supergraph.build(supergraphSdl)
    const planner = new QueryPlanner(supergraph)
    return { planner, apiSchema: supergraph.apiSchema(), schema: supergraph.schema.toGraphQLJSSchema() }
  })

  const plans = createLru<string, SubscriptionPlan>(MAX_PLANS)

  return {
    schema,
    execute: (operation, scope) => executor(requestContext(operation, scope, schema)),
    planSubscription(operation) {
      const known = plans.get(operation.key)
      if (known) return known
      const { planner, apiSchema, schema: supergraphSchema } = forSubscriptions()
      const { node } = planner.buildQueryPlan(operationFromDocument(apiSchema, operation.document))
      if (node?.kind !== 'Subscription') throw new Error('this is not the plan of a subscription')
      const plan = planOfEvent(node.primary, node.rest)
      const made: SubscriptionPlan = {
        subgraph: node.primary.serviceName,
        query: node.primary.operation,
        operationName: node.primary.operationName,
        variableNames: node.primary.variableUsages ?? [],
        complete: (event, asked, scope) =>
          executeQueryPlan(
            plan,
            { ...Object.fromEntries(sources), [EVENT]: eventSource(event) },
            requestContext(asked, scope, schema),
            buildOperationContext({ schema, operationDocument: asked.document, operationName: undefined }),
            supergraphSchema,
            apiSchema,
          ),
      }
      plans.set(operation.key, made)
      return made
    },
    stop: () => gateway.stop(),
  }
}

function planOfEvent(primary: FetchNode, rest: PlanNode | undefined): QueryPlan {
  // As a query: the executor would refuse to run a subscription, and from here on it is none.
  const event: PlanNode = { ...primary, serviceName: EVENT, operationKind: OperationTypeNode.QUERY }
  return { kind: 'QueryPlan', node: rest ? { kind: 'Sequence', nodes: [event, rest] } : event }
}

function dataSource(name: string, client: SubgraphClient, logger: Logger): GraphQLDataSource {
  return {
    async process(options) {
      const { query = '', variables, operationName } = options.request
      const { scope } = readContext(options.context)
      try {
        // What follows a mutation within its operation only reads.
        const request = { query, variables, operationName, isMutation: query.startsWith('mutation') }
        const { data, errors } = await client.send(request, scope)
        return { data: data ?? null, ...(errors?.length ? { errors: [...errors] } : {}) }
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error
        if (!scope.signal.aborted) logger.warn({ error: error.cause, subgraph: name }, error.message)
        const { message, extensions } = error
        const representations: unknown = variables?.representations
        const entities = Array.isArray(representations) ? representations.length : 0
        const failed = errorsOfFailedFetch({ query, entities }, { message, extensions })
        return { data: null, errors: [...failed] }
      }
    },
  }
}

function eventSource({ data, errors }: ExecutionResult): GraphQLDataSource {
  return {
    process: () =>
      Promise.resolve({ data: data ?? null, ...(errors?.length ? { errors: [...errors] } : {}) }),
  }
}

interface OperationContext {
  readonly scope: RequestScope
}

function readContext(value: unknown): OperationContext {
  const isContext = (v: unknown): v is OperationContext => typeof v === 'object' && v !== null && 'scope' in v
  if (!isContext(value)) throw new Error('a fetch was made outside an operation')
  return value
}

function requestContext(
  operation: EngineOperation,
  scope: RequestScope,
  schema: GraphQLSchema,
): RequestContext {
  const { document, key, variables } = operation
  const asked: OperationContext = { scope }
  const context = {
    request: { variables: { ...variables } },
    document,
    operation: getOperationAST(document),
    operationName: null,
    queryHash: key,
    context: { ...asked },
    metrics: {},
    schema,
  }
  // What is left out is Apollo Server's own: cache, source, hashes. ApolloGateway 2.14 reads none of it.
  return context as unknown as RequestContext
}

function missing(name: string): never {
  throw new Error(`there is no client for the subgraph ${name}`)
}

/** The gateway tells at level info what is of no interest once it runs. */
function quiet(logger: Logger) {
  const nothing = () => undefined
  return {
    debug: nothing,
    info: nothing,
    warn: (message: string) => logger.warn(message),
    error: (message: string) => logger.error(message),
  }
}

function lazily<Value extends object>(make: () => Value): () => Value {
  let value: Value | undefined
  return () => (value ??= make())
}
