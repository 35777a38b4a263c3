import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, GraphQLObjectType, parse } from 'graphql'

/** A request as it came. */
export interface Asked {
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

/** What a server does with a graph request; `wellAnswer` gives the text that a healthy one would send. */
export type Behaviour = (response: ServerResponse, wellAnswer: () => Promise<string>, asked: Asked) => unknown

/** A subgraph over live HTTP that can be made to misbehave. */
export interface SickServer {
  /** Of the graph. */
  readonly url: string
  readonly port: number
  readonly asked: Asked[]
  /** Sockets that are open. */
  readonly sockets: ReadonlySet<Socket>
  /** Requests that are neither answered nor given up. */
  open: number
  behave(behaviour: Behaviour): void
  /** What `/readyz` answers; null: nothing, ever. */
  ready: number | null
  /** Probes seen. */
  probes: number
  /** Dies at once, connections and all. */
  kill(): Promise<void>
  start(): Promise<void>
}

type Resolvers = Readonly<Record<string, Readonly<Record<string, (parent: never, args: never) => unknown>>>>

export const well: Behaviour = async (response, wellAnswer) => send(response, await wellAnswer())

export function send(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

export async function startSickServer(typeDefs: string, resolvers: Resolvers): Promise<SickServer> {
  const answer = createAnswer(typeDefs, resolvers)
  const sockets = new Set<Socket>()
  let behaviour = well
  let port = 0
  const http = createServer((request, response) => void handle(request, response))
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  const server: SickServer = {
    get url() {
      return `http://127.0.0.1:${port}/graphql`
    },
    get port() {
      return port
    },
    asked: [],
    sockets,
    open: 0,
    behave: (next) => void (behaviour = next),
    ready: 200,
    probes: 0,
    async kill() {
      const closed = new Promise((resolve) => http.close(resolve))
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
    async start() {
      await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
      port = (http.address() as AddressInfo).port
    },
  }
  await server.start()
  return server

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/readyz') {
      server.probes += 1
      if (server.ready !== null) response.writeHead(server.ready).end()
      return
    }
    server.open += 1
    response.once('close', () => (server.open -= 1))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const asked = { body: Buffer.concat(chunks).toString(), headers: request.headers }
    server.asked.push(asked)
    await behaviour(response, () => answer(asked.body), asked)
  }
}

function createAnswer(typeDefs: string, resolvers: Resolvers): (body: string) => Promise<string> {
  const schema = buildSubgraphSchema(parse(typeDefs))
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName)
    if (!(type instanceof GraphQLObjectType)) continue
    const { __resolveReference: resolveReference, ...rest } = fields
    if (resolveReference) type.extensions = { apollo: { subgraph: { resolveReference } } }
    for (const [name, resolve] of Object.entries(rest)) {
      const field = type.getFields()[name]
      if (field) field.resolve = (parent, args) => resolve(parent as never, args as never)
    }
  }
  return async (body) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
    const result = await execute({ schema, document: parse(query), variableValues: variables ?? {} })
    return JSON.stringify(result)
  }
}
