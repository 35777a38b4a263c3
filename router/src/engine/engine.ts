import type { Logger } from '@mall/service/logger'
import { createLru } from '@mall/service/lru'
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import { compileOperation, type CompiledOperation } from '../executor/compile.ts'
import { createPlanning } from '../planning/planning.ts'
import type { Send } from '../executor/run.ts'
import { compileSubscription, type SubscriptionPlan } from '../executor/subscription-plan.ts'
import type { Counts } from '../metrics/counts.ts'
import type { RequestScope, SubgraphClient } from './subgraph-client.ts'

/** An operation that was parsed, validated and, if need be, pruned; exactly one in its document. */
export interface EngineOperation {
  readonly document: DocumentNode
  /** Identifies the document: the key of its plan. */
  readonly key: string
  /** As the client gave them. */
  readonly variables: Readonly<Record<string, unknown>>
  /** What it was validated against, where there may be several. */
  readonly schema?: GraphQLSchema
}

/** An operation without what is different each time. */
export type PlannedOperation = Pick<EngineOperation, 'document' | 'key'>

/** Plans and executes operations over subgraphs. What it answers is not yet masked. */
export interface Engine {
  /** What clients see. */
  readonly schema: GraphQLSchema
  execute(operation: EngineOperation, scope: RequestScope): Promise<ExecutionResult>
  planSubscription(operation: EngineOperation): SubscriptionPlan
  /** What is planned, most used first. */
  mostUsed(): readonly PlannedOperation[]
  /** Plans what is yet to come, if it fits the schema. */
  warm(operation: PlannedOperation): void
}

export interface EngineOptions {
  readonly supergraphSdl: string
  readonly clients: ReadonlyMap<string, SubgraphClient>
  readonly counts: PlanCounts
  readonly logger: Logger
}

type PlanCounts = Pick<Counts, 'planHits' | 'planMisses'>

/** Operations whose plan is remembered, queries and subscriptions each. A plan takes milliseconds to make. */
const MAX_PLANS = 1_000
/** Operations whose refusal is remembered: finding out that there are too many plans costs as much as a plan. */
const MAX_REFUSALS = 1_000

/** An engine of Apollo's planner and our own executor, which runs what was compiled once for each operation. */
export function createEngine({ supergraphSdl, clients, counts, logger }: EngineOptions): Engine {
  const { plan: planOf, ...planning } = createPlanning(supergraphSdl)
  const common = { ...planning, send: createSend(clients, logger) }

  const operations = createRemembered<CompiledOperation>(counts, (document) => {
    const plan = planOf(document)
    if (plan?.kind === 'Subscription') throw new Error('a subscription was to be executed as a query')
    return compileOperation({ ...common, plan, document })
  })
  const subscriptions = createRemembered<SubscriptionPlan>(counts, (document) => {
    const plan = planOf(document)
    if (plan?.kind !== 'Subscription') throw new Error('this is not the plan of a subscription')
    return compileSubscription({ ...common, plan, document })
  })
  return {
    schema: planning.schema,
    execute: (operation, scope) => operations.of(operation).run(operation.variables, scope),
    planSubscription: (operation) => subscriptions.of(operation),
    mostUsed: () =>
      [...operations.all(), ...subscriptions.all()].toSorted((a, b) => b.uses - a.uses).map(({ of }) => of),
    warm(operation) {
      const { document } = operation
      if (validate(planning.schema, document).length > 0) return
      const isSubscription = getOperationAST(document)?.operation === OperationTypeNode.SUBSCRIPTION
      if (isSubscription) subscriptions.add(operation)
      else operations.add(operation)
    },
  }
}

interface Remembered<Compiled> {
  of(operation: PlannedOperation): Compiled
  /** Compiles what nobody asked for yet. */
  add(operation: PlannedOperation): void
  all(): Iterable<Use<Compiled>>
}

interface Use<Compiled> {
  readonly of: PlannedOperation
  readonly compiled: Compiled
  uses: number
}

function createRemembered<Compiled>(
  counts: PlanCounts,
  compile: (document: DocumentNode) => Compiled,
): Remembered<Compiled> {
  const remembered = createLru<string, Use<Compiled>>(MAX_PLANS)
  const refusals = createLru<string, GraphQLError>(MAX_REFUSALS)
  return {
    of(operation) {
      const known = remembered.get(operation.key)
      if (known) counts.planHits += 1
      else counts.planMisses += 1
      const use = known ?? add(operation)
      use.uses += 1
      return use.compiled
    },
    add,
    all: () => remembered.values(),
  }

  function add({ key, document }: PlannedOperation): Use<Compiled> {
    const use = { of: { key, document }, compiled: compileOnce(key, document), uses: 0 }
    remembered.set(key, use)
    return use
  }

  function compileOnce(key: string, document: DocumentNode): Compiled {
    const refusal = refusals.get(key)
    if (refusal) throw refusal
    try {
      return compile(document)
    } catch (error) {
      if (error instanceof GraphQLError) refusals.set(key, error)
      throw error
    }
  }
}

function createSend(clients: ReadonlyMap<string, SubgraphClient>, logger: Logger): Send {
  return async (service, request, run) => {
    const client = clients.get(service)
    if (!client) throw new Error(`there is no client for the subgraph ${service}`)
    try {
      return await client.send(request, run.scope)
    } catch (error) {
      if (!run.scope.signal.aborted && error instanceof Error)
        logger.warn({ error: error.cause, subgraph: service, trace_id: run.scope.trace?.id }, error.message)
      throw error
    }
  }
}
