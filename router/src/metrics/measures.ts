import type { OperationDefinitionNode } from 'graphql'
import type { Counts } from './counts.ts'
import { createDurations, type Observe } from './durations.ts'
import { createOperationNames } from './operation-names.ts'

const operationOutcomes = ['ok', 'error', 'timeout', 'cancelled', 'refused'] as const
const fetchOutcomes = ['ok', 'error', 'timeout', 'unavailable', 'cancelled'] as const
export type OperationOutcome = (typeof operationOutcomes)[number]
export type FetchOutcome = (typeof fetchOutcomes)[number]

/** What a router measures while it works. Everything else is looked up when somebody asks for it. */
export interface Measures {
  readonly counts: Counts
  /** That a client's operation ended. Milliseconds. */
  operation(operation: OperationDefinitionNode, outcome: OperationOutcome, milliseconds: number): void
  /** What is measured of a subgraph: the same for one that took its name in another supergraph. */
  subgraph(name: string): SubgraphMeasures
  readonly subgraphs: ReadonlyMap<string, SubgraphMeasures>
  /** The histograms, in Prometheus' text format. */
  text(): string
}

export interface SubgraphMeasures {
  readonly fetch: Observe<FetchOutcome>
  /** Under way at the moment. */
  fetching: number
  retries: number
}

/** `names` of operations always have a series of their own. */
export function createMeasures(counts: Counts, names: ReadonlySet<string>): Measures {
  const operations = createDurations({
    name: 'router_operation_duration_seconds',
    help: "Clients' operations, from when they are known to be valid until they are answered.",
    outcomes: operationOutcomes,
  })
  const fetches = createDurations({
    name: 'router_subgraph_fetch_duration_seconds',
    help: 'Fetches from subgraphs, with all attempts; what the answer cache had is none.',
    outcomes: fetchOutcomes,
  })
  const nameOf = createOperationNames(names)
  const byOperation = new WeakMap<OperationDefinitionNode, Observe<OperationOutcome>>()
  const byLabels = new Map<string, Observe<OperationOutcome>>()
  const subgraphs = new Map<string, SubgraphMeasures>()

  return {
    counts,
    operation(operation, outcome, milliseconds) {
      const observe = byOperation.get(operation) ?? observeOf(operation)
      observe(outcome, milliseconds)
    },
    subgraph(name) {
      const known = subgraphs.get(name)
      if (known) return known
      const made = { fetch: fetches.of({ subgraph: name }), fetching: 0, retries: 0 }
      subgraphs.set(name, made)
      return made
    },
    subgraphs,
    text: () => operations.text() + fetches.text(),
  }

  function observeOf(operation: OperationDefinitionNode): Observe<OperationOutcome> {
    const labels = { operation: nameOf(operation.name?.value), type: operation.operation }
    const key = Object.values(labels).join(' ')
    const observe = byLabels.get(key) ?? operations.of(labels)
    byLabels.set(key, observe)
    byOperation.set(operation, observe)
    return observe
  }
}
