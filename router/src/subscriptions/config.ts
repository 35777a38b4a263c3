import { z } from 'zod'

const path = z.string().regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/, { error: 'must be a path such as sku.id' })

/** `subscriptions` in the router's file. */
export const subscriptionsSchema = z.strictObject({
  /**
   * Root fields whose events are the state of something, the same for all who may see them: by name, such as
   * `stockChanged: { key: sku.id, version: version }`. Clients share one subscription at the subgraph, which is opened
   * in nobody's name; who joins later begins with the last event of each key; of a slow client's events only the newest
   * of each key is kept. Root fields not named here are neither shared nor thinned out.
   */
  shared: z
    .record(
      z.string(),
      z.strictObject({
        /** Where an event says what it is the state of: fields below the root field, as the schema names them. */
        key: path,
        /** Where it says how new that state is: a number that grows, or a time. Without it, later events are newer. */
        version: path.optional(),
      }),
    )
    .default({}),
  /** Milliseconds between two pings of an idle client; one that gives no sign until the next is cut off. */
  heartbeat: z.number().int().positive().default(12_000),
})

export type SubscriptionsConfig = z.infer<typeof subscriptionsSchema>
export type SharedFields = SubscriptionsConfig['shared']
