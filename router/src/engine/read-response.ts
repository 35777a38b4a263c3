import { z } from 'zod'
import type { ExchangeAnswer } from './exchange.ts'
import type { SubgraphResponse } from './subgraph-client.ts'

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

/** Reads a GraphQL answer. Throws for what is none, and for an answer without data that does not say why. */
export function readResponse({ status, text, cacheControl }: ExchangeAnswer): SubgraphResponse {
  try {
    const response = check(JSON.parse(text))
    return cacheControl === undefined ? response : { ...response, cacheControl }
  } catch (cause) {
    throw new Error(`a subgraph answered with ${status} and something that is not GraphQL`, { cause })
  }
}

function check(value: unknown): SubgraphResponse {
  // The data goes through untouched: a copy by the parser would cost a walk over every answer.
  if (typeof value === 'object' && value !== null && 'data' in value && !('errors' in value)) {
    const { data } = value
    if (isData(data)) return { data }
  }
  const response = responseSchema.parse(value)
  if (response.data === undefined && !response.errors?.length) throw new Error('neither data nor errors')
  return response
}

const isData = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
