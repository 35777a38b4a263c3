import { composeServices } from '@apollo/composition'
import { createLogger } from '@mall/service/logger'
import { parse } from 'graphql'
import { subgraphsSchema } from '../../src/engine/config.ts'
import { startRouter, type RouterOptions } from '../../src/start.ts'
import type { TracingConfig } from '../../src/tracing/config.ts'
import { startSickServer, type SickServer } from './sick-server.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`
export const goodsSdl = `${link}
  type Query { items: [Item!] hello: String }
  type Item @key(fields: "id") { id: ID! name: String }`
export const stockSdl = `${link}
  type Query { total: Int strict: Int! }
  type Mutation { restock: Int }
  type Item @key(fields: "id") { id: ID! count: Int place: Place }
  type Place { shelf: Int row: String }`

export const startGoods = (): Promise<SickServer> =>
  startSickServer(goodsSdl, {
    Query: {
      items: () => [
        { id: '1', name: 'Pen' },
        { id: '2', name: 'Ink' },
      ],
      hello: () => 'hello',
    },
  })

export const startStock = (): Promise<SickServer> =>
  startSickServer(stockSdl, {
    Query: { total: () => 7, strict: () => 1 },
    Mutation: { restock: () => 8 },
    Item: {
      __resolveReference: ({ id }: { id: string }) => ({
        __typename: 'Item',
        id,
        count: Number(id) * 10,
        place: { shelf: 1, row: 'a' },
      }),
    },
  })

export function composeSupergraph(
  services: readonly { readonly name: string; readonly url: string; readonly sdl: string }[],
): string {
  const { supergraphSdl, errors } = composeServices(
    services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  )
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

/** An answer as a client gets it, and how long it took in milliseconds. */
export interface Told {
  readonly status: number
  readonly text: string
  readonly data: unknown
  /** As `path: CODE`. */
  readonly errors: readonly string[]
  readonly ms: number
}

export type SickGraphFile = Partial<Omit<RouterOptions['file'], 'subgraphs'>> & {
  /** As in the router's file: what is left out has its default. */
  readonly subgraphs?: object
}

/** A router before a subgraph that is well (`goods`) and instances of one that may be made sick (`stock`). */
export async function startSickGraph(
  options: {
    readonly file?: SickGraphFile
    readonly instances?: number
    readonly tracing?: TracingConfig
  } = {},
) {
  const { subgraphs = {}, ...file } = options.file ?? {}
  const { instances = 1 } = options
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  const goods = await startGoods()
  const stock = await Promise.all(Array.from({ length: instances }, startStock))
  const [first] = stock
  if (!first) throw new Error('there is no instance')
  const supergraphSdl = composeSupergraph([
    { name: 'goods', url: goods.url, sdl: goodsSdl },
    { name: 'stock', url: first.url, sdl: stockSdl },
  ])
  const routerOptions: RouterOptions = {
    supergraphSdl,
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: [{ id: 'test', secret: 'a-secret-for-this-test' }],
    file: {
      forward: [],
      timeouts: { default: 400 },
      operationTimeout: 5_000,
      trustedProxies: [],
      playground: false,
      subgraphs: subgraphsSchema.parse(subgraphs),
      ...file,
    },
    subgraphUrls: instances > 1 ? new Map([['stock', stock.map(({ url }) => url)]]) : new Map(),
    rights: null,
    metrics: { host: '127.0.0.1', port: 0 },
    tracing: options.tracing ?? null,
    isProduction: true,
    logger,
  }
  const router = await startRouter(routerOptions)
  return {
    router,
    options: routerOptions,
    goods,
    stock,
    first,
    logged,
    ask: (query: string, signal?: AbortSignal) => ask(router.url, query, signal),
    async close() {
      await router.close()
      await Promise.all([goods, ...stock].map((server) => server.kill().catch(() => undefined)))
    },
  }
}

export async function ask(url: string, query: string, signal?: AbortSignal): Promise<Told> {
  const startedAt = performance.now()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query }),
    ...(signal ? { signal } : {}),
  })
  const text = await response.text()
  const body = JSON.parse(text) as {
    data?: unknown
    errors?: { path?: (string | number)[]; extensions: { code: string } }[]
  }
  return {
    status: response.status,
    text,
    data: body.data,
    errors: (body.errors ?? []).map(({ path, extensions }) => `${path?.join('.') ?? ''}: ${extensions.code}`),
    ms: performance.now() - startedAt,
  }
}
