import type { Viewer } from '@mall/access'
import type { SecretKey } from '@mall/service/config'
import { graphError, unavailable } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import { createQueue } from '@mall/service/queue'
import { signIdentity, subscribeBinding } from '@mall/service/trust'
import { GraphQLError, type ExecutionResult } from 'graphql'
import { createClient, type Client, type SubscribePayload } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Endpoints } from '../engine/endpoints.ts'
import { IDENTITY_LIFETIME_MS } from '../engine/subgraph-client.ts'

/** A subscription at a subgraph, for one viewer. */
export interface UpstreamRequest {
  readonly query: string
  readonly operationName?: string | undefined
  readonly variables: Record<string, unknown>
  /** Asked at each attempt: rights may have changed in between. */
  readonly viewer: () => Viewer | null
  readonly address: string
  /** Ends the subscription at the subgraph. */
  readonly signal: AbortSignal
  /** It has run before: where the subgraph cannot be reached, it is not given up. */
  readonly hasFollowed: boolean
  /** Called when it is opened, each time. */
  readonly onOpen: (opened: Opened) => void
  /** Called when an event comes, before it is given. */
  readonly onArrival: () => void
}

export interface Opened {
  /** Has it opened anew, with the viewer of then. */
  reopen(): void
  /** Ends it after the events that have come. */
  finish(): void
}

/** Sockets to one subgraph, shared by all subscriptions; each `subscribe` carries its own identity. */
export interface Upstream {
  /**
   * The events, over losses of the connection: streams start with the present state, so that what was missed does not
   * matter. Throws when the subgraph refuses, or when it cannot be reached from the start (UNAVAILABLE).
   */
  events(request: UpstreamRequest): AsyncGenerator<ExecutionResult, void, void>
  /** Resolves when nothing is followed any more, and its sockets are closed. */
  retire(): Promise<void>
  close(): Promise<void>
}

/** More events waiting than this, and the client is too slow to follow. */
const MAX_QUEUED = 1_000
const MAX_DELAY_MS = 5_000
/** So many attempts in a row before a stream that never began is given up: about 5 s. */
const MAX_FIRST_ATTEMPTS = 6

export function createUpstream(options: {
  readonly name: string
  readonly endpoints: Endpoints
  readonly identityKeys: readonly SecretKey[]
  readonly logger: Logger
}): Upstream {
  const { name, endpoints, identityKeys, logger } = options
  const clients = new Map<string, Client>()
  const idle = Promise.withResolvers<void>()
  let followed = 0
  let isRetired = false

  return {
    async *events(request) {
      followed += 1
      try {
        yield* reopened(request)
      } finally {
        followed -= 1
        if (isRetired && followed === 0) idle.resolve()
      }
    },
    async retire() {
      isRetired = true
      if (followed === 0) idle.resolve()
      await idle.promise
      await close()
    },
    close,
  }

  async function* reopened(request: UpstreamRequest): AsyncGenerator<ExecutionResult, void, void> {
    let failures = 0
    let began = request.hasFollowed
    while (!request.signal.aborted) {
      const [url = ''] = endpoints.inTurn()
      try {
        let wasReopened = false
        for await (const item of openOnce(clientOf(url), request, () => (wasReopened = true))) {
          failures = 0
          began = true
          yield item
        }
        if (!wasReopened) return
      } catch (error) {
        if (error instanceof GraphQLError) throw error
        failures += 1
        logger.warn({ subgraph: name, failures, error: describe(error) }, 'a subscription lost its subgraph')
        if (!began && failures >= MAX_FIRST_ATTEMPTS)
          throw unavailable('This is not available at the moment.', error)
        await pause(Math.min(100 * 2 ** failures, MAX_DELAY_MS) * (0.5 + Math.random() / 2), request.signal)
      }
    }
  }

  async function close(): Promise<void> {
    for (const client of clients.values()) await client.dispose()
  }

  function openOnce(client: Client, request: UpstreamRequest, onReopen: () => void) {
    const { query, operationName, variables, viewer, address, signal } = request
    const queue = createQueue<Item>({ maxQueued: MAX_QUEUED, onEnd: () => stop() })
    const payload = sign({ query, variables, ...(operationName ? { operationName } : {}) }, viewer(), address)
    const dispose = client.subscribe(payload, {
      next(event) {
        request.onArrival()
        queue.push({ event: toResult(event) })
      },
      error: (failure) => queue.push({ failure }),
      complete: () => queue.push({ isDone: true }),
    })
    const stop = () => {
      signal.removeEventListener('abort', queue.end)
      dispose()
    }
    signal.addEventListener('abort', queue.end, { once: true })
    request.onOpen({
      reopen() {
        onReopen()
        queue.end()
      },
      finish: () => queue.push({ isDone: true }),
    })
    return readQueue(queue.iterator)
  }

  function clientOf(url: string): Client {
    const known = clients.get(url)
    if (known) return known
    const client = createClient({
      url: url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      lazy: true,
      lazyCloseTimeout: 5_000,
      keepAlive: 10_000,
      // An identity is good for seconds: each attempt needs its own, which the client's own retries would not give.
      retryAttempts: 0,
      onNonLazyError: () => undefined,
    })
    clients.set(url, client)
    return client
  }

  function sign(payload: SubscribePayload, viewer: Viewer | null, address: string): SubscribePayload {
    const identity = signIdentity(
      {
        audience: name,
        method: 'SUBSCRIBE',
        body: subscribeBinding(payload),
        viewer,
        address,
        expiresAt: Date.now() + IDENTITY_LIFETIME_MS,
      },
      identityKeys,
    )
    return { ...payload, extensions: { identity } }
  }
}

type Item = { readonly event: ExecutionResult } | { readonly failure: unknown } | { readonly isDone: true }

async function* readQueue(items: AsyncIterableIterator<Item>): AsyncGenerator<ExecutionResult, void, void> {
  for await (const item of items) {
    if ('isDone' in item) return
    if ('failure' in item) throw toError(item.failure)
    yield item.event
  }
}

/** A refusal of the subgraph comes as a list of GraphQL errors, anything else is about the connection. */
function toError(failure: unknown): unknown {
  if (!Array.isArray(failure)) return failure
  const first: unknown = failure[0]
  if (first instanceof GraphQLError) return first
  if (typeof first !== 'object' || first === null) return graphError('INTERNAL_SERVER_ERROR', 'refused')
  const message = 'message' in first && typeof first.message === 'string' ? first.message : ''
  const extensions = 'extensions' in first && isRecord(first.extensions) ? first.extensions : {}
  const path = 'path' in first && Array.isArray(first.path) ? { path: first.path.filter(isPathPart) } : {}
  return new GraphQLError(message, { ...path, extensions })
}

const isPathPart = (value: unknown) => typeof value === 'string' || typeof value === 'number'
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Errors arrive as plain objects and are masked like those of any fetch later. */
function toResult(event: { readonly data?: unknown; readonly errors?: unknown }): ExecutionResult {
  const errors = Array.isArray(event.errors) ? event.errors.map((one) => toError([one])) : []
  return {
    data: isRecord(event.data) ? event.data : null,
    ...(errors.length > 0 ? { errors: errors.filter((one) => one instanceof GraphQLError) } : {}),
  }
}

function describe(failure: unknown): unknown {
  if (failure instanceof Error) return failure.message
  return isRecord(failure) && 'code' in failure ? `closed with ${String(failure.code)}` : String(failure)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
