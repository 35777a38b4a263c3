import type { GraphQLFormattedError } from 'graphql'
import type { Answer } from '../pipeline/pipeline.ts'
import type { JsonSchema } from './json-schema.ts'
import type { PartnerOperation } from './operations.ts'
import { graphProblem, notFound, typedProblem, type Problem } from './problems.ts'

/** What a route answers with success. */
export interface PartnerAnswer {
  readonly data: unknown
  /** Why parts of `data` are null that could not be given. */
  readonly errors?: readonly PartialError[]
}

export interface PartialError {
  /** JSON pointer into the answer. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/**
 * What the graph's answer is by HTTP. The root field's value is the answer; null is 404, or the status of the error that
 * took it; a typed error has the status that `statusOf` gives its type.
 */
export function toHttp(
  operation: PartnerOperation,
  { data, errors = [] }: Answer,
  statusOf: (errorType: string) => number,
): PartnerAnswer | Problem {
  const { root, successes } = operation
  const key = (root.alias ?? root.name).value
  const value = data?.[key]
  const [first] = errors
  if (value === null || value === undefined) return first ? graphProblem(first) : notFound()
  const partial = errors.length > 0 ? { errors: errors.map(toPartial) } : {}
  if (!isObject(value)) return { data: value, ...partial }

  const { __typename: typename, ...rest } = value
  if (operation.errors.some(({ name }) => name === typename))
    return typedProblem(value, String(typename), statusOf(String(typename)))
  return { data: successes.length === 1 ? rest : value, ...partial }
}

export const isProblem = (answer: PartnerAnswer | Problem): answer is Problem => 'status' in answer

/** The error's path is of the graph's answer; of ours the root field is `data`. */
function toPartial({ path = [], message, extensions }: GraphQLFormattedError): PartialError {
  return {
    pointer: ['', 'data', ...path.slice(1)].join('/'),
    code: String(extensions?.code),
    detail: message,
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const partialErrorsSchema: JsonSchema = {
  type: 'array',
  description: 'Why parts of `data` are null that could not be given; absent when all is there.',
  items: {
    type: 'object',
    properties: {
      pointer: { type: 'string', format: 'json-pointer', description: 'Which part, such as `/data/price`.' },
      code: { type: 'string' },
      detail: { type: 'string' },
    },
    required: ['pointer', 'code', 'detail'],
  },
}
