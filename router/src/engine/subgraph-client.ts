import type { Viewer } from '@mall/access'
import type { SecretKey } from '@mall/service/config'
import { unavailable, graphError } from '@mall/service/errors'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { Endpoints } from './endpoints.ts'

/** Who asks and for how long it matters; travels with an operation to every fetch. */
export interface RequestScope {
  readonly viewer: Viewer | null
  /** The client's address. */
  readonly address: string
  /** Aborted when the client has left. */
  readonly signal: AbortSignal
}

export interface SubgraphRequest {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly operationName?: string | undefined
  /** A mutation is sent once; a query may be sent to the next instance when one refuses the connection. */
  readonly isMutation: boolean
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
  const { name, endpoints, agent, identityKeys, timeoutMs } = options
  return {
    async send({ query, variables, operationName, isMutation }, { viewer, address, signal }) {
      const body = JSON.stringify({ query, variables, operationName })
      const timeout = AbortSignal.timeout(timeoutMs)
      const claims = { audience: name, method: 'POST', body, viewer, address }
      const identity = signIdentity({ ...claims, expiresAt: Date.now() + IDENTITY_LIFETIME_MS }, identityKeys)
      const urls = isMutation ? endpoints.inTurn().slice(0, 1) : endpoints.inTurn()
      let failure: unknown
      for (const url of urls) {
        try {
          return await post(url, body, identity, AbortSignal.any([signal, timeout]), agent)
        } catch (error) {
          if (timeout.aborted) throw graphError('TIMEOUT', 'This took too long.', error)
          failure = error
          if (!isConnectionFailure(error)) break
        }
      }
      throw unavailable('This is not available at the moment.', failure)
    },
  }
}

const responseSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string().default(''),
        path: z
          .array(z.union([z.string(), z.number()]))
          .optional()
          .catch(undefined),
        extensions: z.record(z.string(), z.unknown()).optional().catch(undefined),
      }),
    )
    .optional(),
})

async function post(
  url: string,
  body: string,
  identity: string,
  signal: AbortSignal,
  dispatcher: Agent,
): Promise<SubgraphResponse> {
  const answer = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      [IDENTITY_HEADER]: identity,
    },
    body,
    signal,
    dispatcher,
  })
  const text = await answer.body.text()
  try {
    const response = readResponse(JSON.parse(text))
    if (response.data === undefined && !response.errors?.length) throw new Error('neither data nor errors')
    return response
  } catch (cause) {
    throw new Error(`a subgraph answered with ${answer.statusCode} and something that is not GraphQL`, {
      cause,
    })
  }
}

function readResponse(value: unknown): SubgraphResponse {
  // The data goes through untouched: a copy by the parser would cost a walk over every answer.
  if (typeof value === 'object' && value !== null && 'data' in value && !('errors' in value)) {
    const { data } = value
    if (isData(data)) return { data }
  }
  return responseSchema.parse(value)
}

const isData = (value: unknown): value is Record<string, unknown> | null =>
  typeof value === 'object' && !Array.isArray(value)

/** The request cannot have reached the subgraph, so that another instance may be asked. */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  if (error instanceof AggregateError) return error.errors.every(isConnectionFailure)
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    String(code),
  )
}
