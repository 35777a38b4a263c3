import type { Viewer } from '@mall/access'
import type { SecretKey } from '@mall/service/config'
import { unavailable, graphError } from '@mall/service/errors'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'
import { Agent } from 'undici'
import type { Endpoints } from './endpoints.ts'
import { startExchange, type Exchange, type ExchangeAnswer } from './exchange.ts'
import { TookTooLong, type Flights } from './flights.ts'
import { readResponse } from './read-response.ts'

/** Who asks and for how long it matters; travels with an operation to every fetch. */
export interface RequestScope {
  readonly viewer: Viewer | null
  /** The client's address. */
  readonly address: string
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
  /** When the whole operation must be over, in epoch milliseconds: no fetch is given longer. */
  readonly deadline: number
}

export interface SubgraphRequest {
  /** The JSON of a GraphQL request. */
  readonly body: string
  /** A mutation is sent once; a query may be sent to the next instance when one refuses the connection. */
  readonly isMutation: boolean
  /** Whether the answer to the same query, asked a moment ago for the same viewer, is as good. */
  readonly mayShare: boolean
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null | undefined
  readonly errors?: readonly SubgraphError[] | undefined
}

export interface SubgraphError {
  readonly message: string
  readonly path?: readonly (string | number)[] | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

export interface SubgraphClient {
  /** Throws UNAVAILABLE or TIMEOUT, whose `cause` says more than a client may know. */
  send(request: SubgraphRequest, scope: RequestScope): Promise<SubgraphResponse>
}

export interface SubgraphClientOptions {
  readonly name: string
  readonly endpoints: Endpoints
  readonly agent: Agent
  /** Of all subgraphs together: what a mutation changes may show in any of them. */
  readonly flights: Flights
  readonly identityKeys: readonly SecretKey[]
  readonly timeoutMs: number
}

/** How long an identity is good for: well below what subgraphs accept, so that clocks may differ. */
export const IDENTITY_LIFETIME_MS = 20_000

/** Connections to all subgraphs, kept alive. */
export const createAgent = (): Agent =>
  new Agent({
    connections: 128,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    connect: { timeout: 2_000 },
  })

/** Sends operations to one subgraph, signed with who is asking. */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { name, endpoints, agent, flights, identityKeys, timeoutMs } = options
  return {
    async send({ body, isMutation, mayShare }, { viewer, address, signal, deadline }) {
      const key = mayShare && !isMutation ? [name, viewerKey(viewer), body].join('\n') : null
      const start = () => {
        const expiresAt = Date.now() + IDENTITY_LIFETIME_MS
        const claims = { audience: name, method: 'POST', body, viewer, address, expiresAt }
        const headers = { ...constantHeaders, [IDENTITY_HEADER]: signIdentity(claims, identityKeys) }
        const urls = isMutation ? endpoints.inTurn().slice(0, 1) : endpoints.inTurn()
        return tryInTurn(urls, (url) => startExchange(agent, { url, headers, body }))
      }
      const limits = { signal, timeoutMs: Math.min(timeoutMs, deadline - Date.now()) }
      try {
        return readResponse(await flights.ride(key, start, limits))
      } catch (error) {
        if (error instanceof TookTooLong) throw graphError('TIMEOUT', 'This took too long.', error)
        throw unavailable('This is not available at the moment.', error)
      } finally {
        if (isMutation) flights.forget()
      }
    },
  }
}

const constantHeaders = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json;q=0.9',
}

/** One instance after the other while they refuse the connection. */
function tryInTurn(urls: readonly string[], start: (url: string) => Exchange): Exchange {
  let exchange: Exchange | undefined
  let isCancelled = false
  return {
    answer: fly(0),
    cancel(reason) {
      isCancelled = true
      exchange?.cancel(reason)
    },
  }

  async function fly(index: number): Promise<ExchangeAnswer> {
    try {
      exchange = start(urls[index] ?? '')
      return await exchange.answer
    } catch (error) {
      if (isCancelled || index + 1 >= urls.length || !isConnectionFailure(error)) throw error
      return fly(index + 1)
    }
  }
}

const viewerKeys = new WeakMap<Viewer, string>()

/** The client's address is not part of it: it serves limits, not answers. */
function viewerKey(viewer: Viewer | null): string {
  if (!viewer) return ''
  const known = viewerKeys.get(viewer)
  if (known !== undefined) return known
  const key = JSON.stringify(viewer)
  viewerKeys.set(viewer, key)
  return key
}

/** The request cannot have reached the subgraph, so that another instance may be asked. */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (error instanceof AggregateError) return error.errors.every(isConnectionFailure)
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    String(code),
  )
}
