import type {
  FetchNode,
  PlanNode,
  QueryPlanInlineFragmentNode,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner'
import { mapFetches } from './map-fetches.ts'
import type { ServiceTypes } from './service-types.ts'
import type { TypeConditions } from './type-conditions.ts'

/**
 * Where a field of an @interfaceObject is asked for some types of the interface, and requires something, the planner takes
 * the key of those types, and what is required of all. The others would be sent without a key: what is required is
 * narrowed to the types that have one.
 */
export function withoutKeylessNeeds(
  node: PlanNode | SubscriptionNode,
  services: ServiceTypes,
  conditions: TypeConditions,
): PlanNode | SubscriptionNode {
  return mapFetches(node, (fetch) => narrow(fetch, services, conditions))
}

function narrow(fetch: FetchNode, services: ServiceTypes, conditions: TypeConditions): FetchNode {
  const { serviceName, requires } = fetch
  if (!requires || requires.length < 2 || !requires.every(isFragment)) return fetch
  const { keyed = [], keyless = [] } = Object.groupBy(requires, (one) => (isKeyed(one) ? 'keyed' : 'keyless'))
  if (keyed.length === 0 || keyless.every(isCovered)) return fetch
  const narrowed = keyless.flatMap((one) =>
    isCovered(one) ? [one] : keyed.map(({ typeCondition }) => ({ ...one, typeCondition, selections: [one] })),
  )
  return { ...fetch, requires: [...keyed, ...narrowed] }

  function isKeyed({ typeCondition = '', selections }: QueryPlanInlineFragmentNode): boolean {
    const names = new Set(fieldNames(selections))
    return services.keysOf(serviceName, typeCondition).some((key) => key.every((name) => names.has(name)))
  }

  function isCovered({ typeCondition: wide = '' }: QueryPlanInlineFragmentNode): boolean {
    return keyed.some(({ typeCondition = '' }) => conditions(wide).isSubsetOf(conditions(typeCondition)))
  }
}

const fieldNames = (selections: readonly QueryPlanSelectionNode[]): string[] =>
  selections.flatMap((one) => (one.kind === 'Field' ? [one.name] : fieldNames(one.selections)))

const isFragment = (one: QueryPlanSelectionNode): one is QueryPlanInlineFragmentNode =>
  one.kind === 'InlineFragment'
