import { z } from 'zod'

/** Answers of subgraphs are kept in this Redis for as long as they allow. `env NAME` takes an environment variable. */
export const cacheSchema = z.strictObject({ redis: z.string() })
