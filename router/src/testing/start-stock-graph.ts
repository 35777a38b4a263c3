import { composeServices } from '@apollo/composition'
import { createLogger } from '@mall/service/logger'
import { createQueue } from '@mall/service/queue'
import type { RightsReader } from '@mall/service/rights'
import { startSubgraph, type RunningSubgraph, type SubgraphContext } from '@mall/service/subgraph'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { parse } from 'graphql'
import type { RouterFile } from '../config.ts'
import { startRouter } from '../start.ts'
import type { SubscriptionsConfig } from '../subscriptions/config.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`

const stockSdl = `${link}
  type Sku @key(fields: "id") {
    id: ID!
    mine: Int @authenticated
    note: String @policy(policies: [["owner"]])
    cost: Int @requiresScopes(scopes: [["stock:cost"]])
  }
  type StockChange {
    sku: Sku! available: Int! version: Int! padding: String
    "Who asks, and from where, as this subgraph is told."
    asker: String from: String
  }
  type Order { id: ID! owner: String }
  type Query { nothing: Int }
  type Mutation { touch: Int }
  type Subscription {
    stockChanged(skuIds: [ID!]!): StockChange!
    padded(skuIds: [ID!]!): StockChange!
    orderChanged(id: ID!): Order! @authenticated
  }`

const namesSdl = `${link}
  type Sku @key(fields: "id") { id: ID! name: String }
  type Query { nobody: Int }`

const keys = [{ id: 'test', secret: 'a-secret-for-this-test' }]
const host = '127.0.0.1'

export interface StockState {
  readonly skuId: string
  readonly available: number
  readonly version: number
  readonly padding?: string
}

type StockContext = SubgraphContext & { readonly address: string }

/** A subgraph of stock that is watched, one that knows names, and routers before them. Nothing else is needed. */
export async function startStockGraph(
  options: {
    readonly rights?: RightsReader
    readonly routers?: number
    readonly subscriptions?: Partial<SubscriptionsConfig>
  } = {},
) {
  const logger = createLogger({ name: 'test', level: 'silent' })
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }
  /** What runs at the subgraphs, and what was asked of them. */
  const counts = { subscriptions: 0, opened: 0, names: 0 }
  const present = new Map<string, StockState>()
  const listeners = new Set<(state: StockState) => void>()
  const createContext = ({ viewer, address }: StockContext) => ({ viewer, address })
  const common = { identityKeys: keys, logger, createContext, policies: { owner: () => true } }

  function follow(field: string, skuIds: readonly string[], { viewer, address }: StockContext) {
    counts.subscriptions += 1
    counts.opened += 1
    const queue = createQueue<unknown>({
      maxQueued: 100_000,
      onEnd: () => {
        counts.subscriptions -= 1
        listeners.delete(listener)
      },
    })
    const listener = ({ skuId, ...state }: StockState) => {
      const asker = viewer && [viewer.id, ...viewer.scopes].join(' ')
      if (skuIds.includes(skuId))
        queue.push({ [field]: { ...state, sku: { id: skuId }, asker, from: address } })
    }
    listeners.add(listener)
    for (const state of present.values()) listener(state)
    return queue.iterator
  }

  const startStock = (port = 0) =>
    startSubgraph<StockContext>({
      ...common,
      name: 'stock',
      typeDefs: stockSdl,
      listen: { host, port },
      routes: (app) => void app.get('/jwks', () => ({ keys: [jwk] })),
      resolvers: {
        Sku: {
          __resolveReference: (sku: object) => sku,
          mine: (_: unknown, __: unknown, { viewer }: SubgraphContext) => Number(viewer?.id),
          note: (_: unknown, __: unknown, { viewer }: SubgraphContext) => `for ${viewer?.id}`,
          cost: () => 7,
        },
        Mutation: { touch: () => 1 },
        Subscription: {
          stockChanged: {
            subscribe: (_: unknown, { skuIds }: { skuIds: string[] }, context: StockContext) =>
              follow('stockChanged', skuIds, context),
          },
          padded: {
            subscribe: (_: unknown, { skuIds }: { skuIds: string[] }, context: StockContext) =>
              follow('padded', skuIds, context),
          },
          orderChanged: {
            subscribe: async function* (_: unknown, { id }: { id: string }, { viewer }: SubgraphContext) {
              counts.opened += 1
              yield { orderChanged: { id, owner: viewer?.id } }
              await new Promise((resolve) => setTimeout(resolve, 2_000).unref())
            },
          },
        },
      },
    })
  const names = await startSubgraph({
    ...common,
    name: 'names',
    typeDefs: namesSdl,
    listen: { host, port: 0 },
    resolvers: {
      Sku: {
        __resolveReference: ({ id }: { id: string }) => {
          counts.names += 1
          return { id, name: `Sku ${id}` }
        },
      },
    },
  })
  const running: { stock: RunningSubgraph } = { stock: await startStock() }
  const { supergraphSdl, errors } = composeServices([
    { name: 'stock', url: `${running.stock.url}/graphql`, typeDefs: parse(stockSdl) },
    { name: 'names', url: `${names.url}/graphql`, typeDefs: parse(namesSdl) },
  ])
  if (!supergraphSdl) throw new Error(String(errors))

  const file: RouterFile = {
    authentication: { jwks: { subgraph: 'stock', path: '/jwks' } },
    forward: [],
    timeouts: {},
    operationTimeout: 5_000,
    cors: { origins: ['http://here.test'] },
    trustedProxies: [],
    playground: false,
    subscriptions: {
      shared: { stockChanged: { key: 'sku.id', version: 'version' } },
      heartbeat: 12_000,
      ...options.subscriptions,
    },
  }
  const start = () =>
    startRouter({
      supergraphSdl,
      listen: { host, port: 0 },
      identityKeys: keys,
      file,
      subgraphUrls: new Map(),
      rights: options.rights ?? null,
      metrics: { host, port: 0 },
      isProduction: true,
      logger,
    })
  const [router, ...others] = await Promise.all(Array.from({ length: options.routers ?? 1 }, start))
  if (!router) throw new Error('a graph without a router')

  return {
    router,
    others,
    supergraphSdl,
    counts,
    /** Becomes the present state and goes to whoever follows it. */
    publish(state: StockState) {
      present.set(state.skuId, state)
      for (const listener of listeners) listener(state)
    },
    async restartStock(meanwhile: () => void) {
      const port = Number(new URL(running.stock.url).port)
      await running.stock.close()
      meanwhile()
      running.stock = await startStock(port)
    },
    token: (sub: string, { scope = '', seconds = 60, roles = ['member'], sid = `session of ${sub}` } = {}) =>
      new SignJWT({ scope, roles, sid })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
        .setSubject(sub)
        .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
        .sign(privateKey),
    async close() {
      // A test may have closed one itself.
      await Promise.allSettled([router, ...others].map((one) => one.close()))
      await Promise.all([running.stock.close(), names.close()])
    },
  }
}

export type StockGraph = Awaited<ReturnType<typeof startStockGraph>>
