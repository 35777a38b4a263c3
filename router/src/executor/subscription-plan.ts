import type { SubscriptionNode } from '@apollo/query-planner'
import type { ExecutionResult } from 'graphql'
import type { RequestScope } from '../engine/subgraph-client.ts'
import { compileOperation, type CompileOptions } from './compile.ts'
import type { JsonObject } from './json.ts'
import type { Send } from './run.ts'

/** How a subscription is run: where its events come from, and how an event becomes an answer. */
export interface SubscriptionPlan {
  readonly subgraph: string
  readonly query: string
  readonly operationName: string | undefined
  /** Those of the client's variables that the subgraph wants, with the operation's defaults. */
  variablesOf(variables: Readonly<JsonObject>): JsonObject
  /** Completes an event with what other subgraphs know. */
  complete(
    event: ExecutionResult,
    variables: Readonly<JsonObject>,
    scope: RequestScope,
  ): Promise<ExecutionResult>
}

/** The service name under which an event's own data enters its plan, as if a service had answered with it. */
const EVENT = '(event)'

export function compileSubscription({
  plan: { primary, rest },
  send,
  ...options
}: Omit<CompileOptions, 'plan'> & { readonly plan: SubscriptionNode }): SubscriptionPlan {
  const event = { ...primary, serviceName: EVENT }
  const sendOrTakeEvent: Send = (service, request, run) =>
    service === EVENT ? Promise.resolve(run.event ?? {}) : send(service, request, run)
  const compiled = compileOperation({
    ...options,
    plan: rest ? { kind: 'Sequence', nodes: [event, rest] } : event,
    send: sendOrTakeEvent,
  })
  const wanted = primary.variableUsages ?? []
  return {
    subgraph: primary.serviceName,
    query: primary.operation,
    operationName: primary.operationName,
    variablesOf(variables) {
      const given = compiled.withDefaults(variables)
      return Object.fromEntries(wanted.filter((name) => name in given).map((name) => [name, given[name]]))
    },
    complete: ({ data, errors }, variables, scope) => compiled.run(variables, scope, { data, errors }),
  }
}
