import type { Viewer } from '@mall/access'
import type { SecretKey } from '@mall/service/config'
import { unavailable, graphError } from '@mall/service/errors'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'
import { DEADLINE_HEADER } from '@mall/service/deadline'
import type { FetchOutcome, SubgraphMeasures } from '../metrics/measures.ts'
import type { Trace } from '../tracing/trace.ts'
import { startAttempts } from './attempts.ts'
import type { SubgraphsFile } from './config.ts'
import type { Connections } from './connections.ts'
import type { Endpoints } from './endpoints.ts'
import { TookTooLong, type Flights } from './flights.ts'
import { readResponse } from './read-response.ts'
import { createRetryBudget } from './retry-budget.ts'

/** Who asks and for how long it matters; travels with an operation to every fetch. */
export interface RequestScope {
  readonly viewer: Viewer | null
  /** The client's address. */
  readonly address: string
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
  /** When the whole operation must be over, in epoch milliseconds: no fetch is given longer. */
  readonly deadline: number
  /** Undefined outside of any. */
  readonly trace?: Trace | undefined
}

export interface SubgraphRequest {
  /** The JSON of a GraphQL request. */
  readonly body: string
  /** A mutation is sent once; a query may be sent again, and to another instance. */
  readonly isMutation: boolean
  /** Whether the answer to the same query, asked a moment ago for the same viewer, is as good. */
  readonly mayShare: boolean
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null | undefined
  readonly errors?: readonly SubgraphError[] | undefined
  /** The header of that name. */
  readonly cacheControl?: string | undefined
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
  readonly connections: Connections
  /** Of all subgraphs together: what a mutation changes may show in any of them. */
  readonly flights: Flights
  readonly identityKeys: readonly SecretKey[]
  readonly timeoutMs: number
  readonly measures: SubgraphMeasures
  readonly settings: Pick<SubgraphsFile, 'maxResponseBytes' | 'retries' | 'retryBudget'>
}

/** How long an identity is good for: well below what subgraphs accept, so that clocks may differ. */
export const IDENTITY_LIFETIME_MS = 20_000

/** Sends operations to one subgraph, signed with who is asking. */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { name, endpoints, connections, flights, identityKeys, measures, settings } = options
  const { retries, maxResponseBytes: maxBytes } = settings
  const budget = createRetryBudget(settings.retryBudget, measures)
  return {
    async send({ body, isMutation, mayShare }, { viewer, address, signal, deadline, trace }) {
      const begunAt = performance.now()
      let outcome: FetchOutcome = 'ok'
      measures.fetching += 1
      const fetching = trace?.fetch(name)
      const key = mayShare && !isMutation ? [name, viewerKey(viewer), body].join('\n') : null
      const timeoutMs = Math.min(options.timeoutMs, deadline - Date.now())
      const start = () => {
        const now = Date.now()
        const claims = {
          audience: name,
          method: 'POST',
          body,
          viewer,
          address,
          expiresAt: now + IDENTITY_LIFETIME_MS,
        }
        const headers = {
          ...constantHeaders,
          [IDENTITY_HEADER]: signIdentity(claims, identityKeys),
          [DEADLINE_HEADER]: String(now + timeoutMs),
          ...fetching?.headers,
        }
        const send = (url: string) => {
          fetching?.sent(url)
          return connections.post({ url, headers, body, isMutation, maxBytes })
        }
        return startAttempts({ endpoints, budget, retries, isMutation, timeoutMs, send })
      }
      try {
        const answer = await flights.ride(key, start, { signal, timeoutMs })
        const response = readResponse(answer)
        if (response.errors?.length) outcome = 'error'
        fetching?.answered(answer.status, response.errors?.[0])
        return response
      } catch (error) {
        const isLate = error instanceof TookTooLong
        outcome = signal.aborted ? 'cancelled' : isLate ? 'timeout' : 'unavailable'
        const told = isLate
          ? graphError('TIMEOUT', 'This took too long.', error)
          : unavailable('This is not available at the moment.', error)
        fetching?.failed(signal.aborted ? 'cancelled' : String(told.extensions.code))
        throw told
      } finally {
        if (isMutation) flights.forget()
        measures.fetching -= 1
        measures.fetch(outcome, performance.now() - begunAt)
      }
    },
  }
}

const constantHeaders = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json, application/json;q=0.9',
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
