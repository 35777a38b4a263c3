import { Counter, createMetrics, Gauge } from '@mall/service/metrics'
import type { LiveGraph } from '../graph.ts'
import type { Gate } from '../pipeline/gate.ts'
import type { SocketServer } from '../sockets/server.ts'
import type { EventStreams } from '../sse/event-streams.ts'
import type { Streams } from '../subscriptions/streams.ts'
import type { Labels } from './durations.ts'
import type { Measures } from './measures.ts'

/** What is looked up at each scrape. */
export interface Present {
  readonly sockets: Pick<SocketServer, 'open'>
  readonly eventStreams: Pick<EventStreams, 'open'>
  readonly streams: Pick<Streams, 'present'>
  readonly gate: Pick<Gate, 'present'>
  readonly graph: Pick<LiveGraph, 'endpoints'>
}

/** All metrics of a router, for Prometheus. */
export interface Exposition {
  readonly contentType: string
  text(): Promise<string>
}

type Sample = readonly [Labels, number]
type Read = () => Iterable<Sample>

const healths = ['ready', 'unknown', 'down'] as const

/** Names and labels are in docs/metrics.md; those of Node itself come with them. */
export function createExposition(measures: Measures, present: Present): Exposition {
  const registry = createMetrics()
  const { counts, subgraphs } = measures

  counter(
    ['result'],
    'router_plan_cache_lookups_total',
    'Operations whose plan was remembered (hit), or made (miss).',
    () => [
      [{ result: 'hit' }, counts.planHits],
      [{ result: 'miss' }, counts.planMisses],
    ],
  )
  counter(
    ['result'],
    'router_answer_cache_lookups_total',
    'Entries looked up in Redis; error: it did not answer.',
    () => [
      [{ result: 'hit' }, counts.cacheHits],
      [{ result: 'miss' }, counts.cacheMisses],
      [{ result: 'error' }, counts.cacheFailures],
    ],
  )
  counter(
    ['result'],
    'router_persisted_operations_total',
    'Operations by hash, and texts that are not registered.',
    () => [
      [{ result: 'hit' }, counts.persistedHits],
      [{ result: 'learned' }, counts.persistedLearned],
      [{ result: 'unknown' }, counts.persistedUnknown],
      [{ result: 'unregistered' }, counts.unregistered],
    ],
  )
  counter(
    [],
    'router_invalid_operations_total',
    'Operations that are no valid GraphQL, or exceed a limit.',
    () => [[{}, counts.invalid]],
  )
  counter(
    [],
    'router_rate_limited_total',
    'Operations refused because too much was asked in a while.',
    () => [[{}, counts.rateLimited]],
  )
  counter([], 'router_shed_total', 'Operations refused because too many were running.', () => [
    [{}, counts.shed],
  ])
  counter([], 'router_conflated_events_total', 'Events that slow clients got newer ones instead of.', () => [
    [{}, counts.conflated],
  ])
  counter([], 'router_shared_fetches_total', 'Fetches answered by the same request of another.', () => [
    [{}, counts.flightsShared],
  ])
  counter(
    ['result'],
    'router_supergraph_swaps_total',
    'Changed supergraphs: served (done), or not (refused).',
    () => [
      [{ result: 'done' }, counts.swapsDone],
      [{ result: 'refused' }, counts.swapsRefused],
    ],
  )
  counter(['subgraph'], 'router_subgraph_retries_total', 'Queries sent again.', () =>
    bySubgraph(subgraphs, ({ retries }) => retries),
  )

  gauge(['subgraph'], 'router_subgraph_fetches_in_flight', 'Fetches under way.', () =>
    bySubgraph(subgraphs, ({ fetching }) => fetching),
  )
  gauge(
    ['subgraph', 'health'],
    'router_subgraph_instances',
    'Instances by what was found by asking them.',
    () =>
      [...present.graph.endpoints()].flatMap(([subgraph, { instances }]) =>
        healths.map((health): Sample => [
          { subgraph, health },
          instances.filter((instance) => instance.health === health).length,
        ]),
      ),
  )
  gauge(
    ['subgraph'],
    'router_subgraph_breakers_open',
    'Instances that are asked nothing for a while, as they fail.',
    () =>
      bySubgraph(
        present.graph.endpoints(),
        ({ instances }) => instances.filter(({ breaker }) => breaker.isOpen()).length,
      ),
  )
  gauge(['transport'], 'router_connections_open', 'Sockets, and event streams.', () => [
    [{ transport: 'websocket' }, present.sockets.open()],
    [{ transport: 'sse' }, present.eventStreams.open()],
  ])
  gauge(
    ['side'],
    'router_subscriptions_open',
    'Subscriptions of clients, and those at subgraphs that they share.',
    () => {
      const { clients, upstream } = present.streams.present()
      return [
        [{ side: 'client' }, clients],
        [{ side: 'upstream' }, upstream],
      ]
    },
  )
  gauge(
    ['state'],
    'router_operations_in_flight',
    'Queries and mutations that run, and that wait for that.',
    () => {
      const { running, waiting } = present.gate.present()
      return [
        [{ state: 'running' }, running],
        [{ state: 'waiting' }, waiting],
      ]
    },
  )

  return {
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${measures.text()}`,
  }

  function counter(labelNames: string[], name: string, help: string, read: Read): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        for (const [labels, value] of read()) this.inc(labels, value)
      },
    })
  }

  function gauge(labelNames: string[], name: string, help: string, read: Read): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        for (const [labels, value] of read()) this.set(labels, value)
      },
    })
  }
}

const bySubgraph = <One>(subgraphs: ReadonlyMap<string, One>, read: (one: One) => number): Sample[] =>
  [...subgraphs].map(([subgraph, one]) => [{ subgraph }, read(one)])
