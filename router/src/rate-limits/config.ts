import { z } from 'zod'

const budget = (units: number) => {
  const count = z.number().int().positive().default(units)
  return z.strictObject({ address: count, user: count }).default({ address: units, user: units })
}

/**
 * How much cost (`limits.cost` says how it is counted; at least 1 for each operation) may be asked for in any `window`,
 * by one address and by one user. The defaults are for development: a benchmark from one address passes.
 */
export const rateLimitsSchema = z.strictObject({
  /** Milliseconds. */
  window: z.number().int().min(100).default(60_000),
  /** Queries and subscriptions. */
  queries: budget(60_000_000),
  /** Signing in among them. */
  mutations: budget(60_000_000),
})

export type RateLimits = z.infer<typeof rateLimitsSchema>
