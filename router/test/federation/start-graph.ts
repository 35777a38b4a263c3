import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { z } from 'zod'
import { startGateway } from './start-gateway.ts'

export interface Subgraph {
  readonly typeDefs: string
  /** Without one for a field, the field of its name is read. */
  readonly resolvers?: GraphQLResolverMap<unknown>
}

export type Subgraphs = Readonly<Record<string, Subgraph>>

export interface GraphAnswer {
  readonly data?: unknown
  readonly errors?: readonly { readonly path?: (string | number)[]; readonly extensions: { code: string } }[]
}

/** A router over live subgraphs, each an HTTP server of its own. */
export interface Graph {
  ask(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Asked>
  close(): Promise<void>
}

export interface Asked {
  readonly status: number
  readonly answer: GraphAnswer
  /** The subgraphs that the router asked for it, one name for each request, sorted. */
  readonly fetches: readonly string[]
}

export async function startGraph(subgraphs: Subgraphs): Promise<Graph> {
  let fetches: string[] = []
  const servers = await Promise.all(
    Object.entries(subgraphs).map(([name, subgraph]) =>
      startSubgraph(subgraph, () => fetches.push(name)).then((server) => ({ name, subgraph, ...server })),
    ),
  )
  const { supergraphSdl, errors } = composeServices(
    servers.map(({ name, url, subgraph }) => ({ name, url, typeDefs: parse(subgraph.typeDefs) })),
  )
  if (!supergraphSdl) throw new Error(String(errors))
  const gateway = await startGateway(supergraphSdl)
  return {
    async ask(query, variables) {
      fetches = []
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      const answer = (await response.json()) as GraphAnswer
      return { status: response.status, answer, fetches: fetches.toSorted() }
    },
    async close() {
      await gateway.close()
      await Promise.all(servers.map(({ close }) => close()))
    },
  }
}

const requestSchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })

async function startSubgraph({ typeDefs, resolvers = {} }: Subgraph, onRequest: () => void) {
  const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }])
  const server = createServer((request, response) => {
    onRequest()
    void json(request)
      .then((body) => {
        const { query, variables } = requestSchema.parse(body)
        return graphql({ schema, source: query, variableValues: variables ?? {} })
      })
      .then((result) => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(result))
      })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}
