/**
 * `npm run bench:router`: the router against others, over the same subgraphs, which replay prepared answers. Ours checks a
 * token, decides access rules, signs every fetch, limits, measures and masks errors; the others do none of it.
 * `npm run bench:router -- --seconds 8 --repeat 3 --connections 50 --peers ours,full,stock,hive,rust`
 */
import type { ChildProcess } from 'node:child_process'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { queries, VARIANTS, type BenchQuery, type SubgraphName } from './graph.ts'
import { bodyOf, load } from './load.ts'
import { composeGraph, start, told } from './processes.ts'
import { installHive } from './hive.ts'
import type { PeerOptions, PeerUsage } from './peer.ts'
import { startBenchRedis } from './redis.ts'
import { printTable, type Figures } from './table.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    repeat: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
    peers: { type: 'string', default: 'ours,full,stock,hive,rust' },
  },
})

/** The program of a peer, and what it is told beside the graph. */
const kinds: Readonly<Record<string, { readonly label: string; readonly command: readonly string[] }>> = {
  ours: { label: 'ours', command: ['ours-main.ts'] },
  full: { label: 'ours, Redis and tracing', command: ['ours-main.ts', 'full'] },
  stock: { label: 'stock', command: ['stock-main.ts'] },
  hive: { label: 'Hive Gateway', command: ['hive-main.ts'] },
  rust: { label: 'Hive Gateway, Rust planner', command: ['hive-main.ts', 'rust'] },
}

interface Peer {
  readonly label: string
  readonly process: ChildProcess
  readonly url: string
}

const hasHive = /hive|rust/.test(values.peers) && installHive()
const redis = values.peers.includes('full') ? await startBenchRedis() : null
const chosen = values.peers
  .split(',')
  .filter((name) => (name === 'full' ? redis : hasHive || !['hive', 'rust'].includes(name)))

const subgraphs = start('subgraphs-main.ts')
const { urls, token, collector } = await told<{
  urls: Record<SubgraphName, string>
  token: string
  collector: string
}>(subgraphs)
const options: PeerOptions = {
  supergraphSdl: composeGraph(urls),
  jwksUrl: new URL('/jwks', urls.catalogue).href,
  redisUrl: redis?.url ?? null,
  collectorUrl: collector,
}
const peers: Peer[] = []
for (const name of chosen) peers.push(await startPeer(name))

const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const results = new Map<string, Figures[]>()
for (const query of queries) await compareAnswers(query)
for (const query of queries) for (const peer of peers) await measure(peer, query, 3)
for (let round = 0; round < Number(values.repeat); round += 1)
  for (const query of queries)
    for (const peer of round % 2 === 0 ? peers : peers.toReversed()) {
      const key = `${peer.label}\n${query.name}`
      results.set(key, [...(results.get(key) ?? []), await measure(peer, query, Number(values.seconds))])
    }
console.log(`\n${values.connections} connections, ${values.repeat} × ${values.seconds} s each, medians\n`)
printTable(
  queries.map(({ name }) => name),
  peers.map(({ label }) => label),
  (peer, query) => results.get(`${peer}\n${query}`) ?? [],
)
for (const child of [subgraphs, ...peers.map(({ process }) => process)]) child.disconnect()
await redis?.stop()

async function startPeer(name: string): Promise<Peer> {
  const kind = kinds[name]
  if (!kind) throw new Error(`there is no peer "${name}", but ${Object.keys(kinds).join(', ')}`)
  const [file = '', mode = ''] = kind.command
  const child = start(file, [JSON.stringify(options), mode])
  const { url } = await told<{ url: string }>(child)
  return { label: kind.label, process: child, url }
}

function usageOf({ process }: Peer): Promise<PeerUsage> {
  const answer = told<PeerUsage>(process)
  process.send('usage')
  return answer
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
    const [first = '', ...others] = answers
    bytes = first.length
    const other = others.find((text) => !isDeepStrictEqual(JSON.parse(text), JSON.parse(first)))
    if (other !== undefined || first.includes('"errors"'))
      throw new Error(`answers to "${query.name}" differ:\n${first}\n${other ?? ''}`)
  }
  console.log(`${query.name}: ${VARIANTS} variants give the same answers (${bytes} bytes)`)
}

async function measure(peer: Peer, query: BenchQuery, seconds: number): Promise<Figures> {
  const before = await usageOf(peer)
  const connections = Number(values.connections)
  const { requests, duration, latency } = await load(peer.url, query, { connections, seconds, headers })
  const after = await usageOf(peer)
  return {
    perSecond: requests.total / duration,
    p50: latency.p50,
    p99: latency.p99,
    cpu: (after.cpu - before.cpu) / 1_000 / requests.total,
    rss: after.rss,
  }
}
