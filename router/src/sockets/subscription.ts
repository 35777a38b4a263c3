import type { Viewer } from '@mall/access'
import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Engine } from '../engine/engine.ts'
import { toResult, type Admitted, type Pipeline } from '../pipeline/pipeline.ts'
import type { Upstream } from './upstream.ts'

/** A running subscription of one client. */
export interface Subscription {
  readonly answers: AsyncGenerator<ExecutionResult, void, void>
  /** Ends it with an error. */
  fail(error: GraphQLError): void
  /** Opens it anew at the subgraph, with the viewer of now. */
  reopen(): void
}

export interface SubscriptionDeps {
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
}

/** Starts an admitted subscription: events of one subgraph, each completed with fields of the others. */
export function startSubscription(
  admitted: Admitted,
  asker: { readonly viewer: () => Viewer | null; readonly address: string },
  { engine, pipeline, upstreams, deadline }: SubscriptionDeps,
): Subscription {
  const plan = engine.planSubscription(admitted.operation)
  const upstream = upstreams.get(plan.subgraph)
  if (!upstream) throw new Error(`there is no upstream for the subgraph ${plan.subgraph}`)
  const ending = new AbortController()
  const { signal } = ending
  let failure: GraphQLError | undefined
  let reopen: () => void = () => undefined

  const { variables } = admitted.operation
  const events = upstream.events({
    query: plan.query,
    operationName: plan.operationName,
    variables: plan.variablesOf(variables),
    ...asker,
    signal,
    onReopen: (listener) => (reopen = listener),
  })

  const answers: AsyncGenerator<ExecutionResult, void, void> = {
    [Symbol.asyncIterator]: () => answers,
    async next() {
      const event = await events.next()
      throwIfFailed()
      if (event.done) return { value: undefined, done: true }
      const scope = { viewer: asker.viewer(), address: asker.address, signal, deadline: deadline() }
      const result = await plan.complete(event.value, variables, scope)
      throwIfFailed()
      return { value: toResult(pipeline.finish(admitted, result)), done: false }
    },
    // Aborts first: a generator's own `return` would wait for the event that it is waiting for.
    async return() {
      ending.abort()
      await events.return()
      return { value: undefined, done: true }
    },
    // Nobody throws into it; it is there because a generator has it.
    async throw() {
      await answers.return()
      return { value: undefined, done: true }
    },
    async [Symbol.asyncDispose]() {
      await answers.return()
    },
  }
  return {
    answers,
    fail(error) {
      failure = error
      ending.abort()
    },
    reopen: () => reopen(),
  }

  function throwIfFailed(): void {
    if (failure) throw failure
  }
}
