import { z } from 'zod'

/** How long a client may take to send a request, in milliseconds: who dribbles must not hold connections. */
export const arrivalSchema = z
  .strictObject({
    headers: z.number().int().positive().default(10_000),
    /** The whole of it; uploads that are forwarded, too. */
    request: z.number().int().positive().default(30_000),
  })
  .prefault({})

export type Arrival = z.infer<typeof arrivalSchema>
