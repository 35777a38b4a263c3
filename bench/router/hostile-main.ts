/**
 * `npm run bench:hostile`: what ordinary clients notice of hostile ones. 20 connections ask the medium query while 4
 * send one kind of hostile request as fast as they are refused; before and between, nobody does.
 * `npm run bench:hostile -- --seconds 3`
 */
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import autocannon from 'autocannon'
import { queries, type SubgraphName } from './graph.ts'
import { load } from './load.ts'
import type { PeerOptions } from './peer.ts'
import { composeGraph, start, told } from './processes.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' } } })
const duration = Number(values.seconds)

const subgraphs = start('subgraphs-main.ts')
const { urls, token } = await told<{ urls: Record<SubgraphName, string>; token: string }>(subgraphs)
const options: PeerOptions = {
  supergraphSdl: composeGraph(urls),
  jwksUrl: new URL('/jwks', urls.catalogue).href,
}
const router = start('ours-main.ts', [JSON.stringify(options)])
const { url } = await told<{ url: string }>(router)

const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ')
const nested = (levels: number, inside: string) => '['.repeat(levels) + inside + ']'.repeat(levels)
const asking = (query: string, variables: object = {}) => JSON.stringify({ query, variables })
const product = (inside: string) => `{ product(id: 1) { ${inside} } }`

/** Bodies by kind; those that are made anew each time are no text that the router remembers. */
const kinds: Readonly<Record<string, string | Buffer | (() => string)>> = {
  '50 levels': asking(product('reviews { product { '.repeat(25) + 'id' + ' } }'.repeat(25))),
  '1,000 aliases': asking(product(times(1_000, (i) => `a${i}: id`))),
  'a bomb of 200 fragments': asking(
    `{ product(id: 1) { ...F0 } } ${times(200, (i) => `fragment F${i} on Product { ...F${i + 1} ...F${i + 1} }`)} fragment F200 on Product { id }`,
  ),
  '4,900 levels of lists': asking(`{ product(id: ${nested(4_900, '1')}) { id } }`),
  '10,000 levels in variables': `{"query":"query ($id: ID!) { product(id: $id) { id } }","variables":{"id":${nested(10_000, '1')}}}`,
  '1 MB of directives': asking(product(`id ${'@include(if: true) '.repeat(50_000)}`)),
  '1 MB of text': asking(`#${'x'.repeat(1_000_000)}\n{ no }`),
  '2 MB of variables': asking('query ($id: ID!) { product(id: $id) { id } }', { id: 'x'.repeat(2_000_000) }),
  '10,000 tokens of unknown fields': () => asking(product(times(3_000, (i) => `no${i} `))),
  'a batch of 100': JSON.stringify(Array(100).fill({ query: '{ me { id } }' })),
  'a packed body': gzipSync(Buffer.alloc(900_000, 32)),
  'a new operation each time': () =>
    asking(`query Q${Math.floor(Math.random() * 1e9)} { ${product('id name price').slice(1, -1)} }`),
}

console.log(`20 clients ask "medium, 2 fetches", 4 hostile connections, ${duration} s each`)
console.log('hostile requests                  p50 ms   p99 ms   requests/s   hostile/s   their statuses')
await ordinary(3)
print('none', await ordinary(duration))
for (const [kind, body] of Object.entries(kinds)) {
  const [ours, theirs] = await Promise.all([ordinary(duration), hostile(body)])
  print(kind, ours, theirs)
}
print('none', await ordinary(duration))
for (const child of [router, subgraphs]) child.disconnect()

async function ordinary(seconds: number): Promise<autocannon.Result> {
  const [, medium] = queries
  if (!medium) throw new Error('there is no medium query')
  return load(url, medium, { connections: 20, seconds, headers })
}

function hostile(body: string | Buffer | (() => string)): Promise<autocannon.Result> {
  const encoding = Buffer.isBuffer(body) ? { 'content-encoding': 'gzip' } : {}
  const request = { method: 'POST' as const, headers: { ...headers, ...encoding } }
  return autocannon({
    url,
    connections: 4,
    duration,
    requests: [
      typeof body === 'function'
        ? { ...request, setupRequest: (next) => ({ ...next, body: body() }) }
        : { ...request, body },
    ],
  })
}

function print(kind: string, ours: autocannon.Result, theirs?: autocannon.Result): void {
  const statuses = Object.entries(theirs?.statusCodeStats ?? {}).map(
    ([status, { count }]) => `${count} × ${status}`,
  )
  const lost = theirs && theirs.errors > 0 ? [`${theirs.errors} closed`] : []
  console.log(
    kind.padEnd(32),
    ours.latency.p50.toFixed(0).padStart(7),
    ours.latency.p99.toFixed(0).padStart(8),
    (ours.requests.total / ours.duration).toFixed(0).padStart(12),
    theirs ? (theirs.requests.total / theirs.duration).toFixed(0).padStart(11) : '-'.padStart(11),
    ` ${[...statuses, ...lost].join(', ')}`,
  )
}
