import { denied as deniedError, deniedDecisions, deniedFields, restoreDenied } from '@mall/access'
import type { DeniedOperation, Viewer } from '@mall/access'
import { badUserInput } from '@mall/service/errors'
import {
  getVariableValues,
  type GraphQLError,
  OperationTypeNode,
  type ExecutionResult,
  type GraphQLFormattedError,
} from 'graphql'
import type { Engine, EngineOperation } from '../engine/engine.ts'
import type { RequestScope } from '../engine/subgraph-client.ts'
import type { Mask } from './mask.ts'
import type { Prepare, PreparedOperation } from './prepare.ts'

/** What a client asks, as it came by HTTP or socket. */
export interface GraphRequest {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/** An answer that may be sent as it is. Without `data` nothing was executed. */
export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly GraphQLFormattedError[]
}

/** An operation that may run for a viewer, with what must not be fetched for that viewer taken out. */
export interface Admitted {
  readonly prepared: PreparedOperation
  /** Indexes into `prepared.guarded.decisions`. */
  readonly denied: ReadonlySet<number>
  readonly operation: EngineOperation
  readonly asked: DeniedOperation
}

/** The one way of an operation through the router, whatever it came by. */
export interface Pipeline {
  readonly prepare: Prepare
  /** Decides the rules that the operation touches, once each. */
  deniedTo(viewer: Viewer | null, prepared: PreparedOperation): Promise<ReadonlySet<number>>
  /** The operation ready to run, or the answer that refuses it before any fetch. */
  admit(prepared: PreparedOperation, request: GraphRequest, viewer: Viewer | null): Promise<Admitted | Answer>
  /** Runs an admitted query or mutation. Never throws. */
  execute(admitted: Admitted, scope: RequestScope): Promise<Answer>
  /** Makes a result of the engine fit for the client: what was denied put back, errors masked. */
  finish(admitted: Admitted, result: ExecutionResult): Answer
}

export function createPipeline({
  engine,
  prepare,
  mask,
}: {
  readonly engine: Engine
  readonly prepare: Prepare
  readonly mask: Mask
}): Pipeline {
  const { schema } = engine
  return {
    prepare,
    deniedTo: (viewer, { guarded }) => deniedDecisions(guarded, viewer),

    async admit(prepared, request, viewer) {
      const { operation, document, guarded } = prepared
      const raw = request.variables ?? {}
      const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], raw, {
        maxErrors: 10,
      })
      if (errors) return { errors: errors.map(({ message }) => badUserInput(message).toJSON()) }

      const denied = await deniedDecisions(guarded, viewer)
      const asked: DeniedOperation = {
        schema,
        document,
        operation,
        variables: coerced,
        denied: (node) => guarded.guards.get(node)?.some((index) => denied.has(index)) ?? false,
        error: () => deniedError(viewer),
      }
      const refusals = denied.size > 0 ? refusalsOf(asked) : []
      if (refusals.length > 0) return { data: null, errors: refusals.map((error) => error.toJSON()) }
      return {
        prepared,
        denied,
        asked,
        operation: {
          ...(denied.size > 0 ? prepared.without(denied) : prepared),
          variables: raw,
          schema,
        },
      }
    },

    async execute(admitted, scope) {
      try {
        return finish(admitted, await engine.execute(admitted.operation, scope))
      } catch (error) {
        return { data: null, errors: [mask(error)] }
      }
    },
    finish,
  }

  function finish({ denied, asked }: Admitted, result: ExecutionResult): Answer {
    const errors = (result.errors ?? []).map(mask)
    if (denied.size === 0) return { data: result.data ?? null, ...(errors.length > 0 ? { errors } : {}) }
    const restored = restoreDenied(result.data, asked)
    return { data: restored.data, errors: [...errors, ...restored.errors.map((error) => error.toJSON())] }
  }
}

/** A mutation is refused for any denied field, a subscription for a denied root field; a query never is. */
function refusalsOf(asked: DeniedOperation): readonly GraphQLError[] {
  const { operation } = asked.operation
  if (operation === OperationTypeNode.QUERY) return []
  const errors = deniedFields(asked)
  return operation === OperationTypeNode.MUTATION ? errors : errors.filter(({ path }) => path?.length === 1)
}
