import type { Viewer } from '@mall/access'
import type { ExecutionResult } from 'graphql'
import type { Engine } from '../engine/engine.ts'
import type { SubscriptionPlan } from '../executor/subscription-plan.ts'
import type { Admitted, Pipeline } from '../pipeline/pipeline.ts'
import type { Trace } from '../tracing/trace.ts'
import type { Tracing } from '../tracing/tracing.ts'
import type { StreamEvent } from './event.ts'
import { takeMarks } from './marks.ts'
import type { Sharing, SharingOf } from './sharing.ts'
import { createStream, type Stream, type StreamOptions, type Subscriber } from './stream.ts'
import type { Opened, Upstream, UpstreamRequest } from './upstream.ts'

/** In whose name something runs; the viewer changes with the rights. */
export interface Asker {
  readonly viewer: () => Viewer | null
  /** The client's address. */
  readonly address: string
  /** It has followed this before, on another supergraph: where the subgraph is away, that is waited for. */
  readonly hasFollowed: boolean
}

/** One client's part in a stream. */
export interface Following {
  leave(): void
  /** Completes it, after the events that have come if they are the client's own; shared ones are states. */
  finish(): void
  /** Rights have changed: goes on with what is right for the viewer of now. */
  renew(): void
}

export interface StreamsDeps {
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly sharingOf: SharingOf
  readonly tracing: Pick<Tracing, 'begin'>
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
}

/** The running subscriptions: those that clients share, and those that are one client's own. */
export interface Streams {
  /** Follows an admitted subscription. Throws when it cannot be planned. */
  follow(admitted: Admitted, asker: Asker, subscriber: Subscriber): Following
  /** How many clients follow, and how many subscriptions at subgraphs serve them. */
  present(): { readonly clients: number; readonly upstream: number }
}

const LINGER_MS = 1_000

export function createStreams(deps: StreamsDeps): Streams {
  const { engine, pipeline, upstreams, sharingOf, tracing, deadline } = deps
  const shared = new Map<string, { readonly plan: SubscriptionPlan; readonly stream: Stream }>()
  const running = new Set<Stream>()

  return {
    follow(admitted, asker, subscriber) {
      const sharing = sharingOf(admitted, asker.viewer())
      return sharing
        ? followShared(admitted, asker, subscriber, sharing)
        : followAlone(admitted, asker, subscriber)
    },
    present: () => ({
      clients: [...running].reduce((sum, stream) => sum + stream.followers(), 0),
      upstream: running.size,
    }),
  }

  function followShared(admitted: Admitted, asker: Asker, subscriber: Subscriber, first: Sharing): Following {
    let { key } = first
    let leave = streamOf(admitted, asker, first).join(subscriber)
    return {
      leave: () => leave(),
      finish() {
        leave()
        subscriber.complete()
      },
      renew() {
        const next = sharingOf(admitted, asker.viewer())
        if (!next || next.key === key) return
        const leaveNext = streamOf(admitted, asker, next).join(subscriber)
        leave()
        key = next.key
        leave = leaveNext
      },
    }
  }

  /** The stream of all who may see the same, opened by the first of them. */
  function streamOf(
    admitted: Admitted,
    { address, hasFollowed }: Asker,
    { key, operation, viewer }: Sharing,
  ): Stream {
    const plan = engine.planSubscription(operation)
    const known = shared.get(key)
    // A plan made anew is one of another supergraph.
    if (known?.plan === plan && known.stream.isJoinable()) return known.stream
    const answer = (completed: ExecutionResult, trace?: Trace) => {
      const { result, marks } = takeMarks(completed)
      return { payload: payloadOf(admitted, result, trace), ...marks }
    }
    // Where nobody is named, nobody's address is given either.
    const asker = { viewer: () => viewer, address: viewer?.id ? address : '', hasFollowed }
    const stream = start({
      events: (signal) => eventsOf(plan, { ...admitted, operation }, { asker, signal, answer }),
      lingerMs: LINGER_MS,
      known: known?.stream.present,
      onEnd: () => {
        if (shared.get(key)?.stream === stream) shared.delete(key)
      },
    })
    known?.stream.retire()
    shared.set(key, { plan, stream })
    return stream
  }

  function followAlone(admitted: Admitted, asker: Asker, subscriber: Subscriber): Following {
    const plan = engine.planSubscription(admitted.operation)
    let opened: Opened | undefined
    const answer = (result: ExecutionResult, trace?: Trace) => ({
      payload: payloadOf(admitted, result, trace),
      key: undefined,
      version: undefined,
    })
    const run = {
      asker,
      answer,
      onOpen: (now: Opened) => void (opened = now),
      onArrival: () => subscriber.begin(),
    }
    const stream = start({
      events: (signal) => eventsOf(plan, admitted, { ...run, signal }),
      lingerMs: 0,
      onEnd: () => undefined,
    })
    return {
      leave: stream.join(subscriber),
      finish: () => opened?.finish(),
      renew: () => opened?.reopen(),
    }
  }

  function start(options: StreamOptions): Stream {
    const stream = createStream({
      ...options,
      onEnd: () => {
        running.delete(stream)
        options.onEnd()
      },
    })
    running.add(stream)
    return stream
  }

  /** Events of one subgraph, each completed with fields of the others. */
  async function* eventsOf(plan: SubscriptionPlan, { prepared, operation }: Admitted, run: EventRun) {
    const { variables } = operation
    const { asker, signal, answer, onOpen = ignore, onArrival = ignore } = run
    const upstream = upstreams.get(plan.subgraph)
    if (!upstream) throw new Error(`there is no upstream for the subgraph ${plan.subgraph}`)
    const events = upstream.events({
      query: plan.query,
      operationName: plan.operationName,
      variables: plan.variablesOf(variables),
      ...asker,
      signal,
      onOpen,
      onArrival,
    })
    for await (const event of events) {
      const begun: { trace?: Trace | undefined } = {}
      const scope = {
        viewer: asker.viewer(),
        address: asker.address,
        signal,
        deadline: deadline(),
        // Asked for by fetches: an event that needs none is in no trace.
        get trace() {
          return (begun.trace ??= tracing.begin(prepared.operation, {}))
        },
      }
      const completed = await plan.complete(event, variables, scope)
      begun.trace?.end(...endOf(completed, signal))
      if (signal.aborted) return
      yield answer(completed, begun.trace)
    }
  }

  function payloadOf(admitted: Admitted, result: ExecutionResult, trace = admitted.trace): Buffer {
    return Buffer.from(JSON.stringify(pipeline.finish({ ...admitted, trace }, result)))
  }
}

interface EventRun {
  readonly asker: Asker
  readonly signal: AbortSignal
  readonly answer: (completed: ExecutionResult, trace: Trace | undefined) => StreamEvent
  readonly onOpen?: UpstreamRequest['onOpen']
  readonly onArrival?: UpstreamRequest['onArrival']
}

function endOf({ errors }: ExecutionResult, { aborted }: AbortSignal): Parameters<Trace['end']> {
  if (aborted) return ['cancelled']
  return errors?.length ? ['error', errors[0]?.extensions.code] : ['ok']
}

const ignore = () => undefined
