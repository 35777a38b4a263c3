import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'

/** An error as it stands in a GraphQL answer. */
export interface GraphError {
  message: string
  path?: (string | number)[]
  extensions?: { code?: string }
}

/** A GraphQL answer. */
export interface Answer<Data> {
  data: Data | null
  errors?: GraphError[]
}

/** A client that knows the mall only from outside: HTTP and WebSocket. */
export interface MallClient {
  /** Sends an operation and returns the answer as it is. */
  send<Data = Record<string, unknown>>(query: string, variables?: object): Promise<Answer<Data>>
  /** Sends an operation and returns its data; throws when there are errors. */
  query<Data>(query: string, variables?: object): Promise<Data>
  /** The data of a subscription's events; throws on errors. Ends when the consumer leaves. */
  subscribe<Data>(query: string, variables?: object): AsyncIterableIterator<Data>
  close(): Promise<void>
}

/** Opens a client of a router; with a token it is signed in. */
export function createClient(routerUrl: string, token?: string): MallClient {
  const url = `${routerUrl}/graphql`
  const socket = createSocket({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    lazy: true,
    ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
  })
  const client: MallClient = {
    async send<Data>(query: string, variables: object = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as Answer<Data>
    },
    async query<Data>(query: string, variables: object = {}) {
      const { data, errors } = await client.send<Data>(query, variables)
      if (errors || !data) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
      return data
    },
    async *subscribe<Data>(query: string, variables: object = {}) {
      const events = socket.iterate<Data & Record<string, unknown>>({ query, variables: { ...variables } })
      for await (const { data, errors } of events) {
        if (errors || !data) throw new Error(`The subscription gave errors: ${JSON.stringify(errors)}`)
        yield data
      }
    },
    close: async () => {
      await socket.dispose()
    },
  }
  return client
}

/** Signs in through `POST /auth/login`; answers with the access token. */
export async function signIn(routerUrl: string, login: string, password = 'mall-demo-2026'): Promise<string> {
  const response = await fetch(`${routerUrl}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password }),
  })
  if (!response.ok) throw new Error(`Signing in as ${login} failed with ${response.status}`)
  const { accessToken } = (await response.json()) as { accessToken: string }
  return accessToken
}
