import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { graphError } from '@mall/service/errors'
import type { RightsReader } from '@mall/service/rights'
import { startSubgraph, type SubgraphContext } from '@mall/service/subgraph'
import { stringify } from 'yaml'
import type { RouterFile } from '../../config.ts'
import { startRouter } from '../../start.ts'
import { hashKey } from '../keys.ts'
import { libraryFiles, librarySdl, librarySupergraph, temporaryFolder } from './library.ts'

export interface TestKey {
  readonly key: string
  readonly name: string
  readonly [property: string]: unknown
}

const identityKeys = [{ id: 'test', secret: 'a-secret-for-this-test' }]
const authors = { __typename: 'Author', name: 'Ann', secret: 'dog' }
const books = ['1', '2'].map((id) => ({
  __typename: 'Book',
  id,
  title: `Book ${id}`,
  price: 5,
  notes: 'mine',
  published: '2020-01-31',
  author: authors,
}))

/** The library, a router before it that serves its partners, and a file of these keys. */
export async function startLibrary(options: {
  readonly keys: readonly TestKey[]
  readonly isProduction?: boolean
  readonly rights?: RightsReader
  readonly files?: Readonly<Record<string, string>>
  readonly file?: Partial<RouterFile>
}) {
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  /** What the subgraph was asked for. */
  const seen: { lent: unknown[]; listed: unknown[]; left: number } = { lent: [], listed: [], left: 0 }
  const subgraph = await startSubgraph<SubgraphContext>({
    name: 'library',
    typeDefs: librarySdl,
    identityKeys,
    logger,
    listen: { host: '127.0.0.1', port: 0 },
    policies: { self: () => false },
    createContext: ({ viewer }) => ({ viewer }),
    routes: (app) => {
      app.server.on('request', (_request, response) =>
        response.once('close', () => (seen.left += response.writableFinished ? 0 : 1)),
      )
    },
    resolvers: {
      Item: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      LendResult: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Book: {
        __resolveReference: ({ id }: { id: string }) => books.find((one) => one.id === id),
        down: () => {
          throw graphError('UNAVAILABLE', 'Not at the moment.')
        },
      },
      Query: {
        books: (_: unknown, args: Record<string, unknown>) => {
          seen.listed.push(args)
          return books
        },
        book: (_: unknown, { id }: { id: string }) => books.find((one) => one.id === id),
        shelf: () => [books[0], { __typename: 'Magazine', id: 'm', issue: 3 }],
        vault: () => books[0],
        whoami: (_: unknown, __: unknown, { viewer }: SubgraphContext) => JSON.stringify(viewer),
        slow: () => new Promise((resolve) => setTimeout(resolve, 2_000, books[0])),
        broken: () => {
          throw new Error('password of 10.0.0.1 is hunter2')
        },
        down: () => {
          throw graphError('UNAVAILABLE', 'Not at the moment.')
        },
        limited: () => {
          throw graphError('RATE_LIMITED', 'Too many.')
        },
      },
      Mutation: {
        lend: (_: unknown, { id, reader }: { id: string; reader: { name: string } }) => {
          seen.lent.push({ id, reader })
          if (reader.name === 'odd') return { __typename: 'OddError', message: 'How odd.' }
          if (id === '2')
            return { __typename: 'LentError', message: 'It is lent.', status: 7, until: '2030-01-01' }
          return (
            books.find((one) => one.id === id) ?? { __typename: 'MissingError', message: 'No such book.' }
          )
        },
        give: (_: unknown, { id }: { id: string }) => {
          seen.lent.push({ id })
          return books[0]
        },
      },
      Subscription: {
        changes: {
          async *subscribe() {
            yield { changes: books[0] }
            await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
          },
        },
      },
    },
  })

  const folder = temporaryFolder({ ...libraryFiles, ...options.files, 'keys.yaml': keysText(options.keys) })
  const supergraphSdl = librarySupergraph(`${subgraph.url}/graphql`)
  const router = await startRouter({
    supergraphSdl,
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys,
    file: {
      forward: [],
      timeouts: { default: 500 },
      operationTimeout: 5_000,
      trustedProxies: [],
      playground: false,
      partners: { folder: folder.path, keys: join(folder.path, 'keys.yaml') },
      ...options.file,
    },
    subgraphUrls: new Map(),
    rights: options.rights ?? null,
    metrics: { host: '127.0.0.1', port: 0 },
    isProduction: options.isProduction ?? false,
    logger,
  }).catch(async (error: unknown) => {
    await subgraph.close()
    throw error
  })

  return {
    url: router.url,
    metricsUrl: router.metricsUrl,
    router,
    supergraphSdl,
    logged,
    seen,
    writeKeys: (keys: readonly TestKey[]) => folder.write('keys.yaml', keysText(keys)),
    writeKeysText: (text: string) => folder.write('keys.yaml', text),
    async ask(
      path: string,
      {
        method = 'GET',
        key,
        headers = {},
        body,
      }: { method?: string; key?: string; headers?: object; body?: unknown } = {},
    ) {
      const response = await fetch(`${router.url}${path}`, {
        method,
        headers: {
          ...(key === undefined ? {} : { 'x-api-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const type = response.headers.get('content-type')?.split(';')[0]
      return { status: response.status, type, text, headers: response.headers, body: JSON.parse(text) }
    },
    async close() {
      await router.close()
      await subgraph.close()
      folder[Symbol.dispose]()
    },
  }
}

const keysText = (keys: readonly TestKey[]) =>
  stringify({
    keys: keys.map(({ key, ...entry }) => ({ ...entry, hash: `sha256:${hashKey(key).toString('hex')}` })),
  })
