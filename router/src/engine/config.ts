import { z } from 'zod'

const milliseconds = z.number().int().positive()
const httpUrl = z.url({ protocol: /^https?$/ })
/** Asked instead of the system's own, such as `10.0.0.2:8600`. */
const servers = z.array(z.string().regex(/^[^:]+(:\d+)?$|^\[.+\](:\d+)?$/)).optional()

/** Where the instances of a subgraph are found. */
const instancesSchema = z.union([
  z.array(httpUrl).min(1),
  /** A list of URLs in YAML or JSON; read again when it changes. */
  z.strictObject({ file: z.string().min(1) }),
  /** Every address of the URL's host is an instance. HTTP only: a certificate is not made out to an address. */
  z.strictObject({ dns: z.url({ protocol: /^http$/ }), servers, interval: milliseconds.default(2_000) }),
  /** Every SRV record of the name is an instance: host and port of it, `url` gives the rest. */
  z.strictObject({ srv: z.string().min(1), url: httpUrl, servers, interval: milliseconds.default(2_000) }),
])

/** How subgraphs are asked. Durations in milliseconds. */
export const subgraphsSchema = z.strictObject({
  /** By subgraph; the URL of the supergraph is the only instance of those not named. */
  instances: z.record(z.string(), instancesSchema).default({}),
  /** Most bytes of an answer; the fetch of a longer one fails. */
  maxResponseBytes: z
    .number()
    .int()
    .positive()
    .default(16 * 1024 * 1024),
  /**
   * Most queries that are written together on one connection where many begin at once; 1 for none. They cost less so; a server
   * that answers the requests of a connection one after the other, as some do, answers those later.
   */
  pipelining: z.number().int().min(1).max(64).default(8),
  /** How often a query is sent again when an instance breaks off or is unavailable. Mutations never are. */
  retries: z.number().int().min(0).max(2).default(1),
  /** Retries by request, over time: a sick subgraph is not stormed. */
  retryBudget: z.number().min(0).max(1).default(0.1),
  /** An instance is asked nothing for `pause` when more than this part of its answers in the last `window` failed. */
  breaker: z
    .strictObject({
      threshold: z.number().gt(0).lt(1).default(0.5),
      window: milliseconds.default(5_000),
      /** Fewer answers in a window say nothing. */
      minimum: z.number().int().positive().default(10),
      pause: milliseconds.default(1_000),
    })
    .prefault({}),
  /**
   * Instances are asked how they are while there are several. `path` answers 200 when the instance takes requests; where
   * there is no such path, `{__typename}` is asked.
   */
  probe: z
    .union([
      z.literal(false),
      z.strictObject({
        path: z.string().startsWith('/').default('/readyz'),
        interval: milliseconds.default(1_000),
        timeout: milliseconds.default(1_000),
      }),
    ])
    .prefault({}),
})

export type SubgraphsFile = z.infer<typeof subgraphsSchema>
export type InstancesSource = z.infer<typeof instancesSchema>

/** What holds where nothing is configured. */
export const subgraphDefaults: SubgraphsFile = subgraphsSchema.parse({})
