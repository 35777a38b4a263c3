import { denied as deniedError, deniedDecisions, deniedFields, restoreDenied } from '@mall/access'
import type { DeniedOperation, Viewer } from '@mall/access'
import { badUserInput, graphError } from '@mall/service/errors'
import {
  getVariableValues,
  type GraphQLError,
  OperationTypeNode,
  type ExecutionResult,
  type GraphQLFormattedError,
} from 'graphql'
import type { Engine, EngineOperation } from '../engine/engine.ts'
import type { RequestScope } from '../engine/subgraph-client.ts'
import { exceeded } from '../limits/check-limits.ts'
import type { Limits } from '../limits/config.ts'
import { costWith } from '../limits/cost.ts'
import { problemOfInput } from '../limits/hostile-input.ts'
import type { Measures, OperationOutcome } from '../metrics/measures.ts'
import type { RateLimiter } from '../rate-limits/limiter.ts'
import type { Trace } from '../tracing/trace.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { Gate } from './gate.ts'
import { mayIntrospect, type IntrospectionConfig } from './introspection.ts'
import type { Mask } from './mask.ts'
import type { Prepare, PreparedOperation } from './prepare.ts'

/** What a client asks, as it came by HTTP or socket. */
export interface GraphRequest {
  /** Missing where `extensions` name it by its hash. */
  readonly query?: string | null | undefined
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
  /** The header, where there are headers. */
  readonly traceparent?: string | undefined
}

/** What of a request is not in the prepared operation. */
export type Given = Pick<GraphRequest, 'variables' | 'extensions' | 'traceparent'>

/** An answer that may be sent as it is. Without `data` nothing was executed. */
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GraphQLFormattedError[]
  /** The HTTP status, where it is not what `data` says: 200 with it, 400 without. */
  readonly status?: number
  /** Whole seconds after which it may be tried again. */
  readonly retryAfter?: number
}

/** An operation that may run for a viewer, with what must not be fetched for that viewer taken out. */
export interface Admitted {
  readonly prepared: PreparedOperation
  /** Indexes into `prepared.guarded.decisions`. */
  readonly denied: ReadonlySet<number>
  readonly operation: EngineOperation
  readonly asked: DeniedOperation
  /** By `performance.now()`. */
  readonly begunAt: number
  readonly trace: Trace | undefined
}

/** The one way of an operation through the router, whatever it came by. */
export interface Pipeline {
  readonly prepare: Prepare
  /** Decides the rules that the operation touches, once each. */
  deniedTo(viewer: Viewer | null, prepared: PreparedOperation): Promise<ReadonlySet<number>>
  /**
   * The operation ready to run, or the answer that refuses it before any fetch: for its variables, its cost, what it asks
   * of the schema, how much this viewer and address have asked lately, or the viewer's rights. Without an address it is
   * not counted: it has been before.
   */
  admit(
    prepared: PreparedOperation,
    request: Given,
    viewer: Viewer | null,
    address: string | null,
  ): Promise<Admitted | Answer>
  /** Counts what could not be prepared: refusing costs, too. */
  countRefused(viewer: Viewer | null, address: string): void
  /** Runs an admitted query or mutation, or refuses it when too many are running. Never throws. */
  execute(admitted: Admitted, scope: RequestScope): Promise<Answer>
  /** Makes a result of the engine fit for the client: what was denied put back, errors masked. */
  finish(admitted: Admitted, result: ExecutionResult): Answer
}

export interface PipelineOptions {
  readonly engine: Engine
  readonly prepare: Prepare
  readonly mask: Mask
  readonly limits: Limits
  readonly introspection: IntrospectionConfig
  readonly limiter: RateLimiter
  readonly gate: Gate
  readonly measures: Pick<Measures, 'counts' | 'operation'>
  readonly tracing: Pick<Tracing, 'begin'>
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { engine, prepare, mask, limits, limiter, gate, measures, tracing } = options
  const { schema } = engine
  return {
    prepare,
    deniedTo: (viewer, { guarded }) => deniedDecisions(guarded, viewer),

    async admit(prepared, request, viewer, address) {
      const begunAt = performance.now()
      const isSubscription = prepared.operation.operation === OperationTypeNode.SUBSCRIPTION
      // A subscription that goes on by other rights, or another supergraph, is not asked for anew.
      const trace =
        address === null && isSubscription ? undefined : tracing.begin(prepared.operation, request)
      const found = await decide(prepared, request, viewer, { address, begunAt, trace })
      if ('prepared' in found) {
        // It lasts as long as its client likes: its span is that of its admission.
        if (isSubscription) trace?.end('ok')
        return found
      }
      if (address !== null) measures.operation(prepared.operation, 'refused', performance.now() - begunAt)
      trace?.end('refused', codeOf(found))
      return found
    },

    countRefused(viewer, address) {
      measures.counts.invalid += 1
      void limiter.take({ viewer, address }, 'queries', REFUSAL_COST)
    },

    async execute(admitted, scope) {
      const { trace } = admitted
      const answer = await run(admitted, trace ? { ...scope, trace } : scope)
      const outcome = scope.signal.aborted ? 'cancelled' : outcomeOf(answer)
      measures.operation(admitted.prepared.operation, outcome, performance.now() - admitted.begunAt)
      trace?.end(outcome, codeOf(answer))
      return answer
    },
    finish,
  }

  async function decide(
    prepared: PreparedOperation,
    request: Given,
    viewer: Viewer | null,
    { address, begunAt, trace }: Pick<Admitted, 'begunAt' | 'trace'> & { readonly address: string | null },
  ): Promise<Admitted | Answer> {
    const { operation, document, guarded, cost } = prepared
    if (prepared.introspects && !mayIntrospect(options.introspection, viewer))
      return refused(graphError('GRAPHQL_VALIDATION_FAILED', 'The schema is not shown to you.'))
    const raw = request.variables ?? {}
    const problem = problemOfInput(raw, limits.inputDepth)
    if (problem) return refused(badUserInput(problem))
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], raw, {
      maxErrors: 10,
    })
    if (errors) return refused(...errors.map(({ message }) => badUserInput(message.slice(0, MAX_MESSAGE))))

    const units = costWith(cost, coerced)
    if (units > limits.cost) return refused(exceeded('cost', units, limits.cost))
    const isMutation = operation.operation === OperationTypeNode.MUTATION
    if (address !== null) {
      const taken = limiter.take(
        { viewer, address },
        isMutation ? 'mutations' : 'queries',
        Math.max(1, units),
      )
      const wait = taken instanceof Promise ? await taken : taken
      if (wait !== undefined) {
        measures.counts.rateLimited += 1
        return rateLimited(wait)
      }
    }

    const denied = await deniedDecisions(guarded, viewer)
    const deniedOperation: DeniedOperation = {
      schema,
      document,
      operation,
      variables: coerced,
      denied: (node) => guarded.guards.get(node)?.some((index) => denied.has(index)) ?? false,
      error: () => deniedError(viewer),
    }
    const refusals = denied.size > 0 ? refusalsOf(deniedOperation) : []
    if (refusals.length > 0) return { data: null, errors: refusals.map((error) => error.toJSON()) }
    return {
      prepared,
      begunAt,
      trace,
      denied,
      asked: deniedOperation,
      operation: {
        ...(denied.size > 0 ? prepared.without(denied) : prepared),
        variables: raw,
        schema,
      },
    }
  }

  async function run(admitted: Admitted, scope: RequestScope): Promise<Answer> {
    const entered = gate.enter()
    if (!(typeof entered === 'boolean' ? entered : await entered)) return overloaded()
    try {
      return finish(admitted, await engine.execute(admitted.operation, scope))
    } catch (error) {
      const told = mask(error, admitted.trace)
      // It could not be planned: nothing was executed.
      return told.extensions?.code === 'COST_EXCEEDED' ? { errors: [told] } : { data: null, errors: [told] }
    } finally {
      gate.leave()
    }
  }

  function finish({ denied, asked, trace }: Admitted, result: ExecutionResult): Answer {
    const errors = (result.errors ?? []).map((error) => mask(error, trace))
    if (denied.size === 0) return { data: result.data ?? null, ...(errors.length > 0 ? { errors } : {}) }
    const restored = restoreDenied(result.data, asked)
    return { data: restored.data, errors: [...errors, ...restored.errors.map((error) => error.toJSON())] }
  }
}

function outcomeOf({ status, errors = [] }: Answer): OperationOutcome {
  if (errors.length === 0) return 'ok'
  if (status === OVERLOADED) return 'refused'
  return errors.some(({ extensions }) => extensions?.code === 'TIMEOUT') ? 'timeout' : 'error'
}

const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions?.code

const OVERLOADED = 503

/** Reading and validating is what running a small operation costs. */
const REFUSAL_COST = 10
/** Errors about variables quote them, however long they are. */
const MAX_MESSAGE = 500

const refused = (...errors: readonly GraphQLError[]): Answer => ({
  errors: errors.map((error) => error.toJSON()),
})

/** What is told to who has asked too much; `wait` is in milliseconds. */
export function rateLimited(wait: number): Answer {
  const retryAfter = Math.ceil(wait / 1_000)
  const error = graphError('RATE_LIMITED', `Too much was asked in a while. Try again in ${retryAfter} s.`)
  return { ...refused(error), status: 429, retryAfter }
}

/** What is told while too many operations are running. */
export const overloaded = (): Answer => ({
  ...refused(graphError('OVERLOADED', 'Too much is being asked at the moment. Try again.')),
  status: OVERLOADED,
  retryAfter: 1,
})

/** A mutation is refused for any denied field, a subscription for a denied root field; a query never is. */
function refusalsOf(asked: DeniedOperation): readonly GraphQLError[] {
  const { operation } = asked.operation
  if (operation === OperationTypeNode.QUERY) return []
  const errors = deniedFields(asked)
  return operation === OperationTypeNode.MUTATION ? errors : errors.filter(({ path }) => path?.length === 1)
}
