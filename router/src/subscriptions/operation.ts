import type { Viewer } from '@mall/access'
import { forbidden } from '@mall/service/errors'
import { GraphQLError, OperationTypeNode, type GraphQLFormattedError } from 'graphql'
import type { LiveGraph } from '../graph.ts'
import type { Persisted } from '../persisted/persisted.ts'
import type { Mask } from '../pipeline/mask.ts'
import type { Admitted, Answer, GraphRequest, Pipeline } from '../pipeline/pipeline.ts'
import type { PreparedOperation } from '../pipeline/prepare.ts'
import type { Caller } from './callers.ts'
import type { StreamEvent } from './event.ts'
import type { Following, Streams } from './streams.ts'

/** Where the answers to one operation go. After `error` or `complete` nothing comes. */
export interface Sink {
  next(event: StreamEvent): void
  error(errors: readonly GraphQLFormattedError[]): void
  complete(): void
}

/** An operation of a caller, whatever it came by. */
export interface Operation {
  /** To be called once. Never rejects. */
  run(): Promise<void>
  /** Nobody waits for it any more: ends it without a word. */
  stop(): void
  /** Rights have changed: what lost a scope that it needs ends with FORBIDDEN, anything else goes on. Never rejects. */
  reconsider(viewer: Viewer): Promise<void>
  /** Another supergraph is served: what does not fit it ends, anything else goes on as it was planned. Never rejects. */
  fitSupergraph(): Promise<void>
}

export interface OperationDeps {
  readonly pipeline: Pipeline
  readonly streams: Streams
  readonly persisted: Persisted
  readonly objections: LiveGraph['objections']
  readonly mask: Mask
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
}

/** A subscription, query or mutation, through the same pipeline as by HTTP. */
export function createOperation(
  caller: Caller,
  request: GraphRequest,
  sink: Sink,
  { pipeline, streams, persisted, objections, mask, deadline }: OperationDeps,
): Operation {
  const ending = new AbortController()
  const { signal } = ending
  let admitted: Admitted | undefined
  let following: Following | undefined

  return { run, stop, reconsider, fitSupergraph }

  async function run(): Promise<void> {
    try {
      const text = await textOf()
      if (text === null) return
      const prepared = pipeline.prepare(text, request.operationName)
      if (!('document' in prepared)) {
        pipeline.countRefused(caller.viewer, caller.address)
        return fail(prepared.map((error) => error.toJSON()))
      }
      persisted.learn(request)
      const found = await admit(prepared)
      if (signal.aborted) return
      if (!('prepared' in found)) return fail(found.errors ?? [])
      admitted = found
      if (prepared.operation.operation === OperationTypeNode.SUBSCRIPTION) follow(found)
      else await execute(found)
    } catch (error) {
      fail([mask(error)])
    }
  }

  /** Null when it may not be run, or is not known; the caller has been told. */
  async function textOf(): Promise<string | null> {
    try {
      return await persisted.textOf(request)
    } catch (error) {
      fail([error instanceof GraphQLError ? error.toJSON() : mask(error)])
      return null
    }
  }

  /** Again when rights have changed meanwhile: `reconsider` does not see what has not begun. */
  async function admit(prepared: PreparedOperation): Promise<Admitted | Answer> {
    const { viewer } = caller
    const found = await pipeline.admit(prepared, request, viewer, caller.address)
    return viewer === caller.viewer ? found : admit(prepared)
  }

  function follow(found: Admitted): void {
    const asker = { viewer: () => caller.viewer, address: caller.address }
    following = streams.follow(found, asker, {
      // The present state, which comes at once, may be too much before all of it is told.
      next: (event) => !signal.aborted && sink.next(event),
      error: (error) => fail([mask(error)]),
      complete: () => end(sink.complete),
    })
    if (signal.aborted) following.leave()
  }

  async function execute(found: Admitted): Promise<void> {
    const { viewer, address } = caller
    const answer = await pipeline.execute(found, { viewer, address, signal, deadline: deadline() })
    if (signal.aborted) return
    const { data, errors } = answer
    if (data === undefined) return fail(errors ?? [])
    sink.next({ payload: Buffer.from(JSON.stringify({ data, errors })), key: undefined, version: undefined })
    end(sink.complete)
  }

  async function reconsider(viewer: Viewer): Promise<void> {
    if (!admitted || !following) return
    const { prepared, denied: before } = admitted
    try {
      const denied = await pipeline.deniedTo(viewer, prepared)
      if (signal.aborted) return
      if ([...denied].some((index) => !before.has(index))) fail([forbidden().toJSON()])
      else following.renew()
    } catch (error) {
      fail([mask(error)])
    }
  }

  async function fitSupergraph(): Promise<void> {
    if (!admitted || !following) return
    try {
      const against = await objections(admitted, caller.viewer)
      if (against.length > 0) fail(against)
    } catch (error) {
      fail([mask(error)])
    }
  }

  function fail(errors: readonly GraphQLFormattedError[]): void {
    end(() => sink.error(errors))
  }

  function stop(): void {
    end(() => undefined)
  }

  function end(tell: () => void): void {
    if (signal.aborted) return
    ending.abort()
    following?.leave()
    tell()
  }
}
