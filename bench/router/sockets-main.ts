/**
 * `npm run bench:sockets`: the router's sockets against graphql-ws's server with its defaults, in the same run. The
 * router gets its events from a subgraph in another process; graphql-ws publishes its own, which is less work.
 * `npm run bench:sockets -- --events 30 --repeat 3`
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openLightSocket, type LightSocket } from './light-socket.ts'
import type { PeerOptions, PeerUsage } from './peer.ts'
import { compose, start, told } from './processes.ts'
import { watchQuery, watchSchema } from './sockets-graph.ts'

const { values } = parseArgs({
  options: { events: { type: 'string', default: '30' }, repeat: { type: 'string', default: '3' } },
})
const IDLE_SOCKETS = 5_000
const AUDIENCES = [1_000, 5_000]

interface Peer {
  readonly name: string
  readonly url: string
  readonly process: ChildProcess
  /** The process that publishes. */
  readonly publisher: ChildProcess
}

interface Fanout {
  /** Milliseconds from the publication to the last arrival, of each event. */
  readonly last: readonly number[]
  /** Milliseconds for each event. */
  readonly cpu: number
}

interface Held {
  /** Bytes for each socket. */
  readonly rss: number
  readonly alive: number
}

const subgraph = run('sockets-watch-main.ts', {})
const { url: subgraphUrl } = await told<{ url: string }>(subgraph)
const supergraphSdl = compose([{ name: 'stock', url: subgraphUrl, sdl: watchSchema }])
const router = run('ours-main.ts', { supergraphSdl, jwksUrl: 'http://127.0.0.1:9/' })
const plain = run('sockets-watch-main.ts', {})
const peers: readonly Peer[] = [
  { name: 'ours', process: router, publisher: subgraph, ...(await told<{ url: string }>(router)) },
  { name: 'graphql-ws', process: plain, publisher: plain, ...(await told<{ url: string }>(plain)) },
]

const held = new Map<string, Held[]>()
const fanouts = new Map<string, Fanout[]>()
for (const peer of peers) await hold(peer)
for (const peer of peers) await fanOut(peer, 500, 50)
for (let round = 0; round < Number(values.repeat); round += 1)
  for (const peer of round % 2 === 0 ? peers : peers.toReversed())
    for (const count of AUDIENCES)
      add(fanouts, `${peer.name} ${count}`, await fanOut(peer, count, Number(values.events)))
report()
for (const child of [subgraph, router, plain]) child.disconnect()

function run(file: string, options: Partial<PeerOptions>): ChildProcess {
  return start(file, [JSON.stringify(options)], ['--expose-gc'])
}

function ask<Message>(child: ChildProcess, what: 'usage' | 'memory' | 'publish'): Promise<Message> {
  const answer = told<Message>(child)
  child.send(what)
  return answer
}

/** What sockets cost on which nothing happens, without and with a subscription. To be measured before anything else. */
async function hold(peer: Peer): Promise<void> {
  await closeAll(await openMany(peer, 200, () => undefined))
  const before = await settled(peer)
  const sockets = await openMany(peer, IDLE_SOCKETS, () => undefined)
  const idle = await settled(peer)
  sockets.forEach(watch)
  const watching = await settled(peer)
  await closeAll(sockets)
  const each = (usage: PeerUsage): Held => ({
    rss: (usage.rss - before.rss) / IDLE_SOCKETS,
    alive: (usage.alive - before.alive) / IDLE_SOCKETS,
  })
  add(held, `${peer.name} idle`, each(idle))
  add(held, `${peer.name} watching`, each(watching))
}

/** Asked twice: the first collection leaves what finalisers hold. */
async function settled({ process }: Peer): Promise<PeerUsage> {
  await pause(2_000)
  await ask(process, 'memory')
  await pause(500)
  return ask<PeerUsage>(process, 'memory')
}

/** As most clients do, each names its operation by an id of its own. */
function watch(socket: LightSocket, index: number): void {
  const id = `0f1c6a5e-0000-4000-8000-${String(index).padStart(12, '0')}`
  socket.send({
    type: 'subscribe',
    id,
    payload: { query: watchQuery, variables: { skuIds: ['sku-1'] } },
  })
}

/** What it takes to tell each event to all. */
async function fanOut(peer: Peer, count: number, events: number): Promise<Fanout> {
  let arrived = 0
  let allArrived = () => undefined as void
  const sockets = await openMany(peer, count, () => {
    arrived += 1
    if (arrived === count) allArrived()
  })
  sockets.forEach(watch)
  await pause(2_000)

  const last: number[] = []
  const before = await ask<PeerUsage>(peer.process, 'usage')
  for (let event = 0; event < events; event += 1) {
    arrived = 0
    const arrival = new Promise<void>((resolve) => (allArrived = resolve))
    const { at } = await ask<{ at: number }>(peer.publisher, 'publish')
    await arrival
    last.push(performance.timeOrigin + performance.now() - at)
    await pause(20)
  }
  const after = await ask<PeerUsage>(peer.process, 'usage')
  await closeAll(sockets)
  return { last, cpu: (after.cpu - before.cpu) / 1_000 / events }
}

async function openMany({ url }: Peer, count: number, onText: () => void): Promise<LightSocket[]> {
  const sockets: LightSocket[] = []
  while (sockets.length < count)
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => openLightSocket(url, onText)))))
  return sockets
}

/** Longer than the router keeps a subscription open that nobody follows. */
async function closeAll(sockets: readonly LightSocket[]): Promise<void> {
  for (const socket of sockets) socket.close()
  await pause(2_000)
}

function report(): void {
  const of = <Figures>(all: ReadonlyMap<string, Figures[]>, key: string, read: (one: Figures) => number[]) =>
    (all.get(key) ?? []).flatMap(read)
  const row = (what: string, read: (peer: string) => number[], unit: string) => {
    const [ours = 0, theirs = 0] = peers.map(({ name }) => median(read(name)))
    const figures = [ours, theirs].map((one) => `${one.toFixed(1)} ${unit}`.padStart(14)).join('')
    console.log(`${what.padEnd(44)}${figures}   1/${(theirs / ours).toFixed(1)}`)
  }
  console.log(
    `\n${values.repeat} rounds of ${values.events} events, medians`.padEnd(45),
    '        ours    graphql-ws',
  )
  for (const state of ['idle', 'watching']) {
    row(
      `a socket, ${state}: alive`,
      (name) => of(held, `${name} ${state}`, ({ alive }) => [alive / 1_024]),
      'KiB',
    )
    row(
      `a socket, ${state}: resident`,
      (name) => of(held, `${name} ${state}`, ({ rss }) => [rss / 1_024]),
      'KiB',
    )
  }
  for (const count of AUDIENCES) {
    row(
      `to ${count} watchers, last arrival`,
      (name) => of(fanouts, `${name} ${count}`, ({ last }) => [...last]),
      'ms',
    )
    row(
      `to ${count} watchers, CPU for each event`,
      (name) => of(fanouts, `${name} ${count}`, ({ cpu }) => [cpu]),
      'ms',
    )
  }
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}

function add<Figures>(to: Map<string, Figures[]>, key: string, figures: Figures): void {
  to.set(key, [...(to.get(key) ?? []), figures])
}
