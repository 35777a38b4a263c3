import { createMetrics, exposeCounter, exposeGauge } from '@mall/service/metrics'
import type { LiveGraph } from '../graph.ts'
import type { Gate } from '../pipeline/gate.ts'
import type { SocketServer } from '../sockets/server.ts'
import type { EventStreams } from '../sse/event-streams.ts'
import type { Streams } from '../subscriptions/streams.ts'
import type { Counts } from './counts.ts'
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

const healths = ['ready', 'unknown', 'down'] as const

/** Names and labels are in docs/metrics.md; those of Node itself come with them. */
export function createExposition(measures: Measures, present: Present): Exposition {
  const registry = createMetrics()
  const { counts, subgraphs } = measures
  const { endpoints } = present.graph

  counted(
    'router_plan_cache_lookups_total',
    'Operations whose plan was remembered (hit), or made (miss).',
    () => ({
      hit: counts.planHits,
      miss: counts.planMisses,
    }),
  )
  counted(
    'router_answer_cache_lookups_total',
    'Entries looked up in Redis; error: it did not answer.',
    () => ({
      hit: counts.cacheHits,
      miss: counts.cacheMisses,
      error: counts.cacheFailures,
    }),
  )
  counted(
    'router_persisted_operations_total',
    'Operations by hash, and texts that are not registered.',
    () => ({
      hit: counts.persistedHits,
      learned: counts.persistedLearned,
      unknown: counts.persistedUnknown,
      unregistered: counts.unregistered,
    }),
  )
  counted('router_supergraph_swaps_total', 'Changed supergraphs: served (done), or not (refused).', () => ({
    done: counts.swapsDone,
    refused: counts.swapsRefused,
  }))
  total(
    'router_invalid_operations_total',
    'Operations that are no valid GraphQL, or exceed a limit.',
    'invalid',
  )
  total(
    'router_rate_limited_total',
    'Operations refused because too much was asked in a while.',
    'rateLimited',
  )
  total('router_shed_total', 'Operations refused because too many were running.', 'shed')
  total('router_conflated_events_total', 'Events that slow clients got newer ones instead of.', 'conflated')
  total('router_shared_fetches_total', 'Fetches answered by the same request of another.', 'flightsShared')
  exposeCounter(registry, {
    name: 'router_subgraph_retries_total',
    help: 'Queries sent again.',
    labelNames: ['subgraph'],
    read: () => by('subgraph', subgraphs, ({ retries }) => retries),
  })

  exposeGauge(registry, {
    name: 'router_subgraph_fetches_in_flight',
    help: 'Fetches under way.',
    labelNames: ['subgraph'],
    read: () => by('subgraph', subgraphs, ({ fetching }) => fetching),
  })
  exposeGauge(registry, {
    name: 'router_subgraph_instances',
    help: 'Instances by what was found by asking them.',
    labelNames: ['subgraph', 'health'],
    read: () =>
      [...endpoints()].flatMap(([subgraph, { instances }]) =>
        healths.map(
          (health) =>
            [
              { subgraph, health },
              instances.filter((instance) => instance.health === health).length,
            ] as const,
        ),
      ),
  })
  exposeGauge(registry, {
    name: 'router_subgraph_breakers_open',
    help: 'Instances that are asked nothing for a while, as they fail.',
    labelNames: ['subgraph'],
    read: () =>
      by(
        'subgraph',
        endpoints(),
        ({ instances }) => instances.filter(({ breaker }) => breaker.isOpen()).length,
      ),
  })
  shown('router_connections_open', 'Sockets, and event streams.', 'transport', () => ({
    websocket: present.sockets.open(),
    sse: present.eventStreams.open(),
  }))
  shown(
    'router_subscriptions_open',
    'Subscriptions of clients, and those at subgraphs that they share.',
    'side',
    () => ({
      client: present.streams.present().clients,
      upstream: present.streams.present().upstream,
    }),
  )
  shown(
    'router_operations_in_flight',
    'Queries and mutations that run, and that wait for that.',
    'state',
    () => ({
      ...present.gate.present(),
    }),
  )

  return {
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${measures.text()}`,
  }

  function total(name: string, help: string, key: keyof Counts): void {
    exposeCounter(registry, { name, help, read: () => [[{}, counts[key]]] })
  }

  /** By what came of it. */
  function counted(name: string, help: string, read: () => Figures): void {
    const labelNames = ['result']
    exposeCounter(registry, {
      name,
      help,
      labelNames,
      read: () => by('result', Object.entries(read()), (figure) => figure),
    })
  }

  function shown(name: string, help: string, label: string, read: () => Figures): void {
    const labelNames = [label]
    exposeGauge(registry, {
      name,
      help,
      labelNames,
      read: () => by(label, Object.entries(read()), (figure) => figure),
    })
  }
}

type Figures = Readonly<Record<string, number>>

/** A sample for each, told apart by one label. */
const by = <One>(label: string, all: Iterable<readonly [string, One]>, read: (one: One) => number) =>
  [...all].map(([value, one]) => [{ [label]: value }, read(one)] as const)
