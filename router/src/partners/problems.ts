import { STATUS_CODES } from 'node:http'
import type { GraphQLFormattedError } from 'graphql'
import type { JsonSchema } from './json-schema.ts'

/**
 * RFC 9457. Not the graph's own shape: HTTP clients decide by status and know this media type, and the fields of a typed
 * error, some of which are called `status` too, have `error` to themselves.
 */
export interface Problem {
  /** Where the schema of the problem is told. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** A code of docs/errors.md, or the name of the typed error. */
  readonly code: string
  /** What is wrong with which part of the request. */
  readonly errors?: readonly RequestFault[]
  /** The typed error, as the graph gave it. */
  readonly error?: Readonly<Record<string, unknown>>
}

export interface RequestFault {
  readonly in: 'path' | 'query' | 'body'
  /** JSON pointer. */
  readonly pointer: string
  readonly detail: string
}

/** Thrown to end a request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** Of `extensions.code`; a code that is not here is a fault of ours. */
const statusOfCode: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  COST_EXCEEDED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
}

/** A problem that HTTP's own status says enough about. */
export function httpProblem(status: number, detail: string, code = 'BAD_USER_INPUT'): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code }
}

export const notFound = () => httpProblem(404, 'There is nothing here.', 'NOT_FOUND')

/** A request that does not fit the operation's parameters or body. */
export function badRequest(errors: readonly RequestFault[]): Problem {
  const [first] = errors
  const detail = first ? `${first.in} ${first.pointer} ${first.detail}` : 'The request is malformed.'
  return { ...httpProblem(400, detail), errors }
}

/** An error of the graph that took the whole answer. */
export function graphProblem({ message, extensions }: GraphQLFormattedError): Problem {
  const code = String(extensions?.code)
  return httpProblem(Object.hasOwn(statusOfCode, code) ? (statusOfCode[code] ?? 500) : 500, message, code)
}

/** A typed error; its schema is where `type` points to. */
export function typedProblem(
  error: Readonly<Record<string, unknown>>,
  typename: string,
  status: number,
): Problem {
  const { message } = error
  const title = titleOf(typename)
  return {
    type: `/openapi.json#/components/schemas/${typename}`,
    title,
    status,
    detail: typeof message === 'string' ? message : title,
    code: typename,
    error,
  }
}

/** `InsufficientStockError`: Insufficient stock */
function titleOf(typename: string): string {
  const words = typename
    .replace(/Error$/, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

export const problemSchema: JsonSchema = {
  description: 'Why a request was refused (RFC 9457).',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Where the schema of `error` is.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'A sentence for a person.' },
    code: { type: 'string', description: 'What programs decide by.' },
    errors: {
      type: 'array',
      description: 'What is wrong with which part of the request.',
      items: {
        type: 'object',
        properties: {
          in: { type: 'string', enum: ['path', 'query', 'body'] },
          pointer: { type: 'string', format: 'json-pointer' },
          detail: { type: 'string' },
        },
        required: ['in', 'pointer', 'detail'],
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
}
