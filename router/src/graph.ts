import { setImmediate } from 'node:timers/promises'
import { collectRules } from '@mall/access'
import type { Redis } from '@mall/service/redis'
import type { GraphQLSchema } from 'graphql'
import { collectCacheTags } from './cache/cache-tags.ts'
import { createCachedClient } from './cache/cached-client.ts'
import { collectGuardedFields } from './cache/guarded-fields.ts'
import type { Endpoints } from './engine/endpoints.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import { startSubgraph, type Subgraph, type SubgraphDeps } from './engine/subgraphs.ts'
import type { Measures } from './metrics/measures.ts'
import type { Mask } from './pipeline/mask.ts'
import { readWeights } from './limits/weights.ts'
import type { PartnerFolder } from './partners/mapping.ts'
import { createPartnerApi, type PartnerApi } from './partners/partner-api.ts'
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts'
import { createPrepare } from './pipeline/prepare.ts'
import type { Protection } from './protection.ts'
import type { SharedFields } from './subscriptions/config.ts'
import { createSharingOf, type SharingOf } from './subscriptions/sharing.ts'
import type { Upstream } from './subscriptions/upstream.ts'
import { subgraphUrlsOf } from './supergraph/subgraph-urls.ts'
import type { Tracing } from './tracing/tracing.ts'

/**
 * The graph that is served, whose supergraph may be swapped while it is. `engine` and `pipeline` prepare operations for
 * the supergraph of the moment, and run each on the one that it was prepared for.
 */
export interface LiveGraph {
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly sharingOf: SharingOf
  /** Partners' routes for the supergraph of the moment. Throws when there is no folder of them. */
  partnerApi(): PartnerApi
  /** Of the subgraphs of the moment. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** Instances of a subgraph of the moment. Throws when there is no such subgraph. */
  endpointsOf(name: string): Pick<Endpoints, 'inTurn'>
  /** Instances of all of them. */
  endpoints(): ReadonlyMap<string, Endpoints>
  /** Serves another supergraph from now on. Throws, and goes on with the old one, when it cannot be served. */
  swap(supergraphSdl: string): Promise<void>
  /** Called after a swap. */
  onSwap(listener: () => void): () => void
  /** Whether it is of the supergraph of the moment. */
  isServed(schema: GraphQLSchema): boolean
  close(): Promise<void>
}

export interface GraphOptions extends SubgraphDeps {
  readonly mask: Mask
  readonly suggestions: boolean
  readonly measures: Measures
  readonly tracing: Pick<Tracing, 'begin'>
  readonly protection: Pick<Protection, 'limits' | 'introspection' | 'limiter' | 'gate'>
  /** Where answers are kept. */
  readonly cache: Redis | null
  /** Subscriptions that clients share. */
  readonly shared: SharedFields
  readonly partners: PartnerFolder | null
  /** Subgraphs that the configuration names: no supergraph is served without them. */
  readonly required: readonly string[]
}

/** Planning for a new supergraph before it is served takes no longer, in milliseconds. */
const MAX_WARMING_MS = 5_000

interface Graph {
  readonly engine: Engine
  readonly pipeline: Pipeline
  readonly sharingOf: SharingOf
  readonly partnerApi: PartnerApi | null
  readonly subgraphs: ReadonlyMap<string, Subgraph>
}

/** Throws when the supergraph cannot be served, or has not what the configuration names. */
export async function startGraph(supergraphSdl: string, options: GraphOptions): Promise<LiveGraph> {
  const { logger, measures } = options
  const { counts } = measures
  const bySchema = new WeakMap<GraphQLSchema, Graph>()
  const upstreams = new Map<string, Upstream>()
  const listeners = new Set<() => void>()
  const retired = new Set<Subgraph>()
  let current = await load(supergraphSdl)
  let swapping: Promise<void> = Promise.resolve()
  serve(current)

  const graphOf = (schema: GraphQLSchema | undefined) =>
    (schema === undefined || schema === current.engine.schema ? current : bySchema.get(schema)) ?? current
  const engine: Engine = {
    get schema() {
      return current.engine.schema
    },
    execute: (operation, scope) => graphOf(operation.schema).engine.execute(operation, scope),
    planSubscription: (operation) => graphOf(operation.schema).engine.planSubscription(operation),
    mostUsed: () => current.engine.mostUsed(),
    warm: (operation) => current.engine.warm(operation),
  }
  const pipeline: Pipeline = {
    prepare: (text, operationName) => current.pipeline.prepare(text, operationName),
    deniedTo: (viewer, prepared) => graphOf(prepared.schema).pipeline.deniedTo(viewer, prepared),
    admit: (prepared, request, viewer, address) =>
      graphOf(prepared.schema).pipeline.admit(prepared, request, viewer, address),
    countRefused: (viewer, address) => current.pipeline.countRefused(viewer, address),
    execute: (admitted, scope) => graphOf(admitted.prepared.schema).pipeline.execute(admitted, scope),
    finish: (admitted, result) => graphOf(admitted.prepared.schema).pipeline.finish(admitted, result),
  }

  return {
    engine,
    pipeline,
    sharingOf: (admitted, viewer) => graphOf(admitted.prepared.schema).sharingOf(admitted, viewer),
    partnerApi() {
      if (!current.partnerApi) throw new Error('there is no folder of partners')
      return current.partnerApi
    },
    upstreams,
    endpointsOf: (name) => {
      subgraphOf(name)
      return { inTurn: () => subgraphOf(name).endpoints.inTurn() }
    },
    endpoints: () =>
      new Map([...current.subgraphs].map(([name, { endpoints }]) => [name, endpoints] as const)),
    swap(supergraphSdl) {
      const swapped = swapping.then(() => swap(supergraphSdl))
      swapping = swapped.then(
        () => void (counts.swapsDone += 1),
        () => void (counts.swapsRefused += 1),
      )
      return swapped
    },
    onSwap(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isServed: (schema) => schema === current.engine.schema,
    async close() {
      await swapping
      await Promise.all([...current.subgraphs.values(), ...retired].map((subgraph) => subgraph.close()))
    },
  }

  function subgraphOf(name: string): Subgraph {
    const found = current.subgraphs.get(name)
    if (!found) throw unknownSubgraph(name, current.subgraphs.keys())
    return found
  }

  async function swap(supergraphSdl: string): Promise<void> {
    const before = current
    const next = await load(supergraphSdl, before.subgraphs)
    await warm(next.engine, before.engine)
    current = next
    serve(next)
    for (const [name, subgraph] of before.subgraphs) {
      if (next.subgraphs.get(name) === subgraph) continue
      subgraph.retire()
      retired.add(subgraph)
      void subgraph.upstream.retire().then(() => retired.delete(subgraph))
    }
    logger.info({ subgraphs: [...next.subgraphs.keys()] }, 'another supergraph is served')
    for (const listener of listeners) listener()
  }

  function serve(graph: Graph): void {
    bySchema.set(graph.engine.schema, graph)
    upstreams.clear()
    for (const [name, { upstream }] of graph.subgraphs) upstreams.set(name, upstream)
  }

  /** Subgraphs whose URL has not changed are taken over, with what is known of their health. */
  async function load(supergraphSdl: string, known?: ReadonlyMap<string, Subgraph>): Promise<Graph> {
    const urls = subgraphUrlsOf(supergraphSdl)
    for (const name of options.required) if (!urls.has(name)) throw unknownSubgraph(name, urls.keys())
    const started: Subgraph[] = []
    try {
      const subgraphs = new Map<string, Subgraph>()
      for (const [name, url] of urls) {
        const same = known?.get(name)
        const subgraph = same?.url === url ? same : await startSubgraph(name, url, options)
        if (subgraph !== same) started.push(subgraph)
        subgraphs.set(name, subgraph)
      }
      return { ...createParts(supergraphSdl, subgraphs), subgraphs }
    } catch (error) {
      for (const subgraph of started) await subgraph.close()
      throw error
    }
  }

  function createParts(supergraphSdl: string, subgraphs: ReadonlyMap<string, Subgraph>) {
    const { cache: redis } = options
    const kept = redis && {
      redis,
      tags: collectCacheTags(supergraphSdl),
      guarded: collectGuardedFields(supergraphSdl),
    }
    const clients = new Map(
      [...subgraphs].map(([subgraph, { client }]) => [
        subgraph,
        kept ? createCachedClient({ ...kept, counts, subgraph, client }) : client,
      ]),
    )
    const engine = createEngine({ supergraphSdl, clients, counts, logger })
    const { mask, partners, protection, shared, suggestions, tracing } = options
    const { schema } = engine
    const prepare = createPrepare({
      schema,
      rules: collectRules(supergraphSdl),
      weights: readWeights(supergraphSdl),
      limits: protection.limits,
      suggestions,
    })
    return {
      engine,
      pipeline: createPipeline({ ...protection, engine, prepare, mask, measures, tracing }),
      sharingOf: createSharingOf({ schema, supergraphSdl, shared }),
      partnerApi: partners && createPartnerApi(partners, { schema, supergraphSdl, prepare }),
    }
  }
}

/** Plans what was asked most, so that the first who ask it anew need not wait. Others are served in between. */
async function warm(next: Engine, before: Engine): Promise<void> {
  const until = Date.now() + MAX_WARMING_MS
  for (const operation of before.mostUsed()) {
    if (Date.now() > until) return
    try {
      next.warm(operation)
    } catch {
      // Whoever asks it is told why it cannot be planned.
    }
    await setImmediate()
  }
}

const unknownSubgraph = (name: string, known: Iterable<string>) =>
  new Error(`The configuration names the subgraph "${name}"; there are: ${[...known].join(', ')}`)
