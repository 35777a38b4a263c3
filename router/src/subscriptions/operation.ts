import { denied, type Viewer } from '@mall/access'
import { forbidden } from '@mall/service/errors'
import { GraphQLError, OperationTypeNode, visit, type GraphQLFormattedError } from 'graphql'
import type { LiveGraph } from '../graph.ts'
import type { Persisted } from '../persisted/persisted.ts'
import type { Mask } from '../pipeline/mask.ts'
import type { Admitted, GraphRequest, Pipeline } from '../pipeline/pipeline.ts'
import type { Caller } from './callers.ts'
import type { StreamEvent } from './event.ts'
import { createPlace } from './place.ts'
import type { Streams } from './streams.ts'

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
  /** Another supergraph is served: a subscription that does not fit it ends, anything else goes on by it. Never rejects. */
  fitSupergraph(): Promise<void>
}

export interface OperationDeps {
  readonly pipeline: Pipeline
  readonly streams: Streams
  readonly persisted: Persisted
  readonly isServed: LiveGraph['isServed']
  readonly mask: Mask
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
}

/** A subscription, query or mutation, through the same pipeline as by HTTP. */
export function createOperation(
  caller: Caller,
  request: GraphRequest,
  sink: Sink,
  { pipeline, streams, persisted, isServed, mask, deadline }: OperationDeps,
): Operation {
  const ending = new AbortController()
  const { signal } = ending
  let text: string | null = null
  let admitted: Admitted | undefined
  const place = createPlace({
    begin: () => undefined,
    // The present state, which comes at once, may be too much before all of it is told.
    next: (event) => !signal.aborted && sink.next(event),
    error: (error) => fail([mask(error, admitted?.trace)]),
    complete: () => end(sink.complete),
  })

  return { run, stop, reconsider, fitSupergraph }

  async function run(): Promise<void> {
    try {
      text = await textOf()
      if (text !== null) await start(text, caller.address)
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

  /** On the supergraph of the moment; without an address it is not counted (`Pipeline.admit`). */
  async function start(text: string, address: string | null): Promise<void> {
    const { viewer } = caller
    const prepared = pipeline.prepare(text, request.operationName)
    if (!('document' in prepared)) {
      if (address !== null) pipeline.countRefused(viewer, address)
      return fail(prepared.map((error) => error.toJSON()))
    }
    if (address !== null) persisted.learn(request)
    const found = await pipeline.admit(prepared, request, viewer, address)
    if (signal.aborted) return
    // Rights or the supergraph have changed meanwhile, which is not told to what has not begun.
    if (viewer !== caller.viewer || !isServed(prepared.schema))
      return start(text, 'prepared' in found ? null : address)
    if (!('prepared' in found)) return fail(found.errors ?? [])
    if (prepared.operation.operation !== OperationTypeNode.SUBSCRIPTION) return execute(found)
    if (admitted?.prepared.schema === prepared.schema) return
    if (admitted && showsLess(found, admitted)) return fail([denied(viewer).toJSON()])
    follow(found)
  }

  function follow(found: Admitted): void {
    const asker = {
      viewer: () => caller.viewer,
      address: caller.address,
      hasFollowed: admitted !== undefined,
    }
    admitted = found
    place.move((subscriber) => streams.follow(found, asker, subscriber))
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
    if (!admitted) return
    const { prepared, denied: before } = admitted
    try {
      const denied = await pipeline.deniedTo(viewer, prepared)
      if (signal.aborted) return
      if ([...denied].some((index) => !before.has(index))) fail([forbidden().toJSON()])
      else place.renew()
    } catch (error) {
      fail([mask(error)])
    }
  }

  async function fitSupergraph(): Promise<void> {
    if (!admitted || text === null) return
    try {
      await start(text, null)
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
    place.leave()
    tell()
  }
}

/** Whether a field that was fetched before is denied now. Both are of one text. */
function showsLess(now: Admitted, before: Admitted): boolean {
  if (now.denied.size === 0) return false
  const left = fieldsOf(now)
  return [...fieldsOf(before)].some((field) => !left.has(field))
}

/** Where in the text the fields are that are fetched. */
function fieldsOf({ operation }: Admitted): ReadonlySet<number> {
  const found = new Set<number>()
  visit(operation.document, { Field: ({ loc }) => void (loc && found.add(loc.start)) })
  return found
}
