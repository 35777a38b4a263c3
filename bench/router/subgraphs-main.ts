/**
 * The three subgraphs in a process of their own. An answer is worked out when its body is first seen, and its bytes are
 * replayed from then on: what is measured is the router, not graphql-js.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, parse } from 'graphql'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { link, schemas, subgraphNames, type SubgraphName } from './graph.ts'
import { resolvers } from './resolvers.ts'

const { publicKey, privateKey } = await generateKeyPair('EdDSA')
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'EdDSA' }] })
const token = await new SignJWT({ scope: '', roles: ['member'], sid: 's' })
  .setProtectedHeader({ alg: 'EdDSA', kid: 'bench' })
  .setSubject('1')
  .setExpirationTime('1h')
  .sign(privateKey)

const urls = Object.fromEntries(
  await Promise.all(subgraphNames.map(async (name) => [name, await start(name)] as const)),
)
process.send?.({ urls, token, collector: await startCollector() })
process.on('disconnect', () => process.exit())

async function start(name: SubgraphName): Promise<string> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(link + schemas[name]), resolvers: resolvers[name] }])
  const prepared = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/jwks') return void response.end(jwks)
    void read(request).then(async (body) => {
      let bytes = prepared.get(body)
      if (!bytes) {
        const { query, variables } = JSON.parse(body) as {
          query: string
          variables?: Record<string, unknown>
        }
        const result = await execute({ schema, document: parse(query), variableValues: variables ?? {} })
        bytes = Buffer.from(JSON.stringify(result))
        prepared.set(body, bytes)
      }
      response.setHeader('content-length', bytes.length)
      response.end(bytes)
    })
  })
  // Longer than any pause between rounds: a connection that closes under a request is not what is measured.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

/** Takes traces, and throws them away. */
async function startCollector(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
  })
}
