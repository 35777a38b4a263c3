/**
 * `npm run bench:router`: the router against Apollo Server with ApolloGateway, over the same subgraphs, which replay
 * prepared answers. Ours checks a token, decides access rules, signs every fetch and masks errors; the other does not.
 * `npm run bench:router -- --seconds 8 --repeat 3 --connections 50`
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { composeServices } from '@apollo/composition'
import autocannon from 'autocannon'
import { parse } from 'graphql'
import {
  link,
  queries,
  schemas,
  subgraphNames,
  VARIANTS,
  type BenchQuery,
  type SubgraphName,
} from './graph.ts'
import type { PeerOptions, PeerUsage } from './peer.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    repeat: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
  },
})

interface Peer {
  readonly name: string
  readonly process: ChildProcess
  readonly url: string
}

interface Figures {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Milliseconds for each request. */
  readonly cpu: number
  readonly rss: number
}

const subgraphs = start('subgraphs-main.ts')
const { urls, token } = await told<{ urls: Record<SubgraphName, string>; token: string }>(subgraphs)
const options: PeerOptions = { supergraphSdl: compose(), jwksUrl: new URL('/jwks', urls.catalogue).href }
const peers = await Promise.all([startPeer('ours', 'ours-main.ts'), startPeer('stock', 'stock-main.ts')])

const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const results = new Map<string, Figures[]>()
for (const query of queries) await compareAnswers(query)
for (const query of queries) for (const peer of peers) await load(peer, query, 3)
for (let round = 0; round < Number(values.repeat); round += 1)
  for (const query of queries)
    for (const peer of round % 2 === 0 ? peers : peers.toReversed()) {
      const key = `${peer.name} ${query.name}`
      results.set(key, [...(results.get(key) ?? []), await load(peer, query, Number(values.seconds))])
    }
report()
for (const child of [subgraphs, ...peers.map(({ process }) => process)]) child.disconnect()

function compose(): string {
  const services = subgraphNames.map((name) => ({
    name,
    url: urls[name],
    typeDefs: parse(link + schemas[name]),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

function start(file: string, ...args: string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), args, {
    env: { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true' },
  })
}

async function told<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await once(child, 'message')) as [Message]
  return message
}

async function startPeer(name: string, file: string): Promise<Peer> {
  const child = start(file, JSON.stringify(options))
  const { url } = await told<{ url: string }>(child)
  return { name, process: child, url }
}

function usageOf({ process }: Peer): Promise<PeerUsage> {
  const answer = told<PeerUsage>(process)
  process.send('usage')
  return answer
}

function bodyOf({ query, variables }: BenchQuery, variant: number): string {
  return JSON.stringify({ query, variables: variables(variant) })
}

/** Every variant by every peer: who is fast with wrong answers is not fast. */
async function compareAnswers(query: BenchQuery): Promise<void> {
  let bytes = 0
  for (let variant = 0; variant < VARIANTS; variant += 1) {
    const answers = await Promise.all(
      peers.map(async ({ url }) => {
        const response = await fetch(url, { method: 'POST', headers, body: bodyOf(query, variant) })
        return response.text()
      }),
    )
    const [ours = '', theirs = ''] = answers
    bytes = ours.length
    if (!isDeepStrictEqual(JSON.parse(ours), JSON.parse(theirs)) || ours.includes('"errors"'))
      throw new Error(`answers to "${query.name}" differ:\n${ours}\n${theirs}`)
  }
  console.log(`${query.name}: ${VARIANTS} variants give the same answers (${bytes} bytes)`)
}

async function load(peer: Peer, query: BenchQuery, seconds: number): Promise<Figures> {
  const before = await usageOf(peer)
  const requests = Array.from({ length: VARIANTS }, (_, variant) => ({
    method: 'POST' as const,
    headers,
    body: bodyOf(query, variant),
  }))
  let clients = 0
  const result = await autocannon({
    url: peer.url,
    connections: Number(values.connections),
    duration: seconds,
    requests,
    // Each begins elsewhere: connections in step would ask the same at the same time, which ours answers by one fetch.
    setupClient(client) {
      const first = (clients++ * 37) % VARIANTS
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)])
    },
  })
  const after = await usageOf(peer)
  if (result.non2xx + result.errors > 0)
    throw new Error(`${peer.name}: ${result.non2xx + result.errors} requests failed`)
  return {
    perSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpu: (after.cpu - before.cpu) / 1_000 / result.requests.total,
    rss: after.rss,
  }
}

function report(): void {
  console.log(`\n${values.connections} connections, ${values.repeat} × ${values.seconds} s each, medians`)
  console.log('query               peer    requests/s   p50 ms   p99 ms   CPU ms/request   memory MiB')
  const ratios: number[] = []
  for (const query of queries) {
    const [ours, theirs] = peers.map((peer) => {
      const figures = medians(results.get(`${peer.name} ${query.name}`) ?? [])
      console.log(
        query.name.padEnd(19),
        peer.name.padEnd(6),
        figures.perSecond.toFixed(0).padStart(11),
        figures.p50.toFixed(0).padStart(8),
        figures.p99.toFixed(0).padStart(8),
        figures.cpu.toFixed(3).padStart(16),
        (figures.rss / 2 ** 20).toFixed(0).padStart(12),
      )
      return figures
    })
    if (!ours || !theirs) continue
    ratios.push(ours.perSecond / theirs.perSecond)
    console.log(
      `${''.padEnd(20)}${(ours.perSecond / theirs.perSecond).toFixed(1)} × the requests, 1/${(theirs.cpu / ours.cpu).toFixed(1)} of the CPU, 1/${(theirs.p99 / ours.p99).toFixed(1)} of p99`,
    )
  }
  const mean = ratios.reduce((product, ratio) => product * ratio, 1) ** (1 / ratios.length)
  console.log(`geometric mean: ${mean.toFixed(2)} × stock`)
}

function medians(figures: readonly Figures[]): Figures {
  const median = (read: (one: Figures) => number) =>
    figures.map(read).toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
  return {
    perSecond: median((one) => one.perSecond),
    p50: median((one) => one.p50),
    p99: median((one) => one.p99),
    cpu: median((one) => one.cpu),
    rss: median((one) => one.rss),
  }
}
