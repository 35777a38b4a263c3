import { composeServices } from '@apollo/composition'
import { createLogger } from '@mall/service/logger'
import { createQueue } from '@mall/service/queue'
import type { RightsReader } from '@mall/service/rights'
import { startSubgraph, type RunningSubgraph, type SubgraphContext } from '@mall/service/subgraph'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { parse } from 'graphql'
import type { RouterFile } from '../config.ts'
import { startRouter, type RouterOptions, type RunningRouter } from '../start.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@policy"])`

const peopleSdl = `${link}
  interface Being { id: ID! name: String }
  type Person implements Being @key(fields: "id") {
    id: ID! name: String
    email: String @requiresScopes(scopes: [["people:read"]])
    diary: String @policy(policies: [["self"]])
  }
  type Robot implements Being @authenticated { id: ID! name: String model: String! }
  union Found = Person | Robot
  type Query {
    me: Person @authenticated
    people: [Person!]
    beings: [Being!]
    found: [Found!]
    caller: String
    leaky: String
    pause(ms: Int!): String
  }
  type Mutation { rename(id: ID!, name: String!): Person @authenticated greet: Person count: Int }
  type Subscription { renamed: Person ticks: Person @requiresScopes(scopes: [["people:read"]]) }`

const scoresSdl = `${link}
  type Person @key(fields: "id") { id: ID! score: Int sealed: Int! @requiresScopes(scopes: [["people:read"]]) }
  type Query { best: Person }`

const people = [
  { __typename: 'Person', id: '1', name: 'Ann', email: 'ann@here.test', diary: 'dear' },
  { __typename: 'Person', id: '2', name: 'Bob', email: 'bob@here.test', diary: 'diary' },
]
const robot = { __typename: 'Robot', id: 'r', name: 'Rob', model: 'T1' }
const keys = [{ id: 'test', secret: 'a-secret-for-this-test' }]

/** Two live subgraphs and a router before them, on free ports. Nothing else is needed. */
export async function startTestGraph(
  options: {
    readonly rights?: RightsReader
    readonly identitySecret?: string
    readonly playground?: boolean
    readonly file?: Partial<RouterFile>
    readonly sharedRedisUrl?: string
    readonly tracing?: RouterOptions['tracing']
    readonly subgraphUrls?: (scores: string) => Map<string, string[]>
  } = {},
) {
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  const { publicKey, privateKey } = await generateKeyPair('EdDSA')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }
  /** What happened at the subgraphs; `requests` and `sockets` are those that are open. */
  const counts = { mutations: 0, subscriptions: 0, requests: 0, sockets: 0 }
  let listeners: ((person: unknown) => void)[] = []

  const common = {
    identityKeys: keys,
    logger,
    createContext: ({ viewer, address }: { viewer: SubgraphContext['viewer']; address: string }) => ({
      viewer,
      address,
    }),
    policies: {
      self: (parent: unknown, _args: unknown, { viewer }: SubgraphContext) =>
        typeof parent === 'object' && parent !== null && 'id' in parent && parent.id === viewer?.id,
    },
  }
  const startPeople = (port = 0, drainMs = 0) =>
    startSubgraph<SubgraphContext & { readonly address: string }>({
      ...common,
      name: 'people',
      drainMs,
      typeDefs: peopleSdl,
      listen: { host: '127.0.0.1', port },
      routes: (app) => {
        app.get('/jwks', () => ({ keys: [jwk] }))
        app.server.on('request', (_request, response) => {
          counts.requests += 1
          response.once('close', () => (counts.requests -= 1))
        })
        app.server.on('upgrade', (_request, socket) => {
          counts.sockets += 1
          socket.once('close', () => (counts.sockets -= 1))
        })
      },
      resolvers: {
        Person: { __resolveReference: ({ id }: { id: string }) => people.find((one) => one.id === id) },
        Query: {
          me: (_: unknown, __: unknown, { viewer }: SubgraphContext) =>
            people.find(({ id }) => id === viewer?.id),
          people: () => people,
          beings: () => [people[0], robot],
          found: () => [people[1], robot],
          caller: (_: unknown, __: unknown, { viewer }: SubgraphContext) => JSON.stringify(viewer),
          leaky: () => {
            throw new Error('password of 10.0.0.1 is hunter2')
          },
          pause: async (_: unknown, { ms }: { ms: number }) => {
            await new Promise((resolve) => setTimeout(resolve, ms))
            return 'done'
          },
        },
        Mutation: {
          rename: (_: unknown, { id, name }: { id: string; name: string }) => {
            counts.mutations += 1
            return { ...people.find((one) => one.id === id), name }
          },
          greet: () => {
            counts.mutations += 1
            return people[0]
          },
          count: () => ++counts.mutations,
        },
        Subscription: {
          renamed: { subscribe: () => events('renamed') },
          ticks: { subscribe: () => events('ticks') },
        },
      },
    })

  function events(field: string) {
    counts.subscriptions += 1
    const queue = createQueue<unknown>({
      maxQueued: 100,
      onEnd: () => {
        listeners = listeners.filter((one) => one !== listener)
        counts.subscriptions -= 1
      },
    })
    const listener = (person: unknown) => queue.push({ [field]: person })
    listeners.push(listener)
    listener(people[0])
    return queue.iterator
  }

  const startScores = (port = 0) =>
    startSubgraph({
      ...common,
      name: 'scores',
      typeDefs: scoresSdl,
      listen: { host: '127.0.0.1', port },
      resolvers: {
        Query: { best: () => ({ id: '1' }) },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          score: ({ id }: { id: string }) => Number(id) * 10,
          sealed: () => 7,
        },
      },
    })

  const running: { people: RunningSubgraph; scores: RunningSubgraph } = {
    people: await startPeople(),
    scores: await startScores(),
  }
  const composed = composeServices([
    { name: 'people', url: `${running.people.url}/graphql`, typeDefs: parse(peopleSdl) },
    { name: 'scores', url: `${running.scores.url}/graphql`, typeDefs: parse(scoresSdl) },
  ])
  if (!composed.supergraphSdl) throw new Error(String(composed.errors))

  const file: RouterFile = {
    authentication: { jwks: { subgraph: 'people', path: '/jwks' }, issuer: 'here', audience: 'here' },
    forward: [{ prefix: '/jwks', subgraph: 'people' }],
    timeouts: { default: 500 },
    operationTimeout: 5_000,
    trustedProxies: [],
    playground: options.playground ?? false,
    ...options.file,
  }
  const routerOptions: RouterOptions = {
    supergraphSdl: composed.supergraphSdl,
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: options.identitySecret ? [{ id: 'test', secret: options.identitySecret }] : keys,
    file,
    subgraphUrls: options.subgraphUrls?.(`${running.scores.url}/graphql`) ?? new Map(),
    rights: options.rights ?? null,
    sharedRedisUrl: options.sharedRedisUrl ?? null,
    metrics: { host: '127.0.0.1', port: 0 },
    tracing: options.tracing ?? null,
    isProduction: true,
    logger,
  }
  const router: RunningRouter = await startRouter(routerOptions)

  return {
    router,
    routerOptions,
    supergraphSdl: composed.supergraphSdl,
    running,
    startScores,
    startPeople,
    logged,
    counts,
    publish: (person: unknown) => listeners.forEach((listener) => listener(person)),
    token: (
      sub: string,
      { scope = '', seconds = 60, roles = ['member'], sid = 's1', key = privateKey } = {},
    ) =>
      new SignJWT({ scope, roles, sid })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
        .setIssuer('here')
        .setAudience('here')
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
        .sign(key),
    async ask(query: string, { token, ...body }: { token?: string; [key: string]: unknown } = {}) {
      const response = await fetch(`${router.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query, ...body }),
      })
      const text = await response.text()
      return { status: response.status, text, body: JSON.parse(text) as Answer }
    },
    async close() {
      await router.close()
      // A test may have closed one itself.
      await Promise.allSettled([running.people.close(), running.scores.close()])
    },
  }
}

/** What the router answers, as tests look at it. */
export interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions: { code: string } }[]
}

/** Errors as `path: CODE`, which is what tests compare. */
export const codesOf = ({ errors = [] }: Answer): string[] =>
  errors.map(({ path, extensions }) => `${path?.join('.') ?? ''}: ${extensions.code}`)
