import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Answer } from '../../src/testing/start-test-graph.ts'
import { composeSupergraph } from '../faults/sick-graph.ts'
import { startSickServer } from '../faults/sick-server.ts'

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { node(id: ID, text: String, list: [[Int]], json: In): Node hello: String }
  type Mutation { touch(text: String): Int }
  type Node @key(fields: "id") { id: ID! text: String node(id: ID): Node }
  input In { in: In text: String }`

export interface Told {
  readonly status: number
  /** Of the first error. */
  readonly code: string | undefined
  readonly text: string
  readonly ms: number
}

/** A router in a process of its own before one subgraph, which counts what reaches it. */
export async function startHostile() {
  const subgraph = await startSickServer(sdl, {
    Query: { node: () => ({ id: '1', text: 'one' }), hello: () => 'hello' },
    Mutation: { touch: () => 1 },
    Node: { node: () => ({ id: '2', text: 'two' }) },
  })
  const supergraphSdl = composeSupergraph([{ name: 'nodes', url: subgraph.url, sdl }])
  const child = fork(join(import.meta.dirname, 'router-main.ts'), [supergraphSdl], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  })
  const told = async <Message>(): Promise<Message> => {
    const [message]: [Message] = (await once(child, 'message')) as [Message]
    return message
  }
  const { url } = await told<{ url: string }>()

  return {
    url,
    /** How many fetches have reached the subgraph. */
    fetched: () => subgraph.asked.length,
    /** Bytes that are alive in the router's process, after a collection. */
    async alive(): Promise<number> {
      const answer = told<{ alive: number }>()
      child.send('memory')
      return (await answer).alive
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    post: (body: string | Buffer, headers: Record<string, string> = {}) =>
      ask(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: body as BodyInit,
      }),
    get: (search: string, headers: Record<string, string> = {}) =>
      ask(`${url}/graphql?${search}`, { headers: { 'apollo-require-preflight': '1', ...headers } }),
    async close() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
      await subgraph.kill()
    },
  }
}

/** Whatever is told must be GraphQL JSON that tells nothing of the inside. */
async function ask(url: string, init: RequestInit): Promise<Told> {
  const begin = performance.now()
  const response = await fetch(url, init)
  const text = await response.text()
  const body = JSON.parse(text) as Answer
  expect(text).not.toMatch(/node_modules|at \w+ \(|FST_ERR|127\.0\.0\.1/)
  if (response.status >= 400) expect(body.errors?.[0]?.extensions.code).toMatch(/^[A-Z_]+$/)
  return {
    status: response.status,
    code: body.errors?.[0]?.extensions.code,
    text,
    ms: performance.now() - begin,
  }
}
