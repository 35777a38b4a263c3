import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner'
import type { PlanPath } from './plan-path.ts'

/** What takes the place of a fetch, whose objects are at `path`. */
export type ChangeFetch = (fetch: FetchNode, path: PlanPath) => PlanNode

/** A plan with other fetches. */
export function mapFetches(
  node: PlanNode | SubscriptionNode,
  change: ChangeFetch,
): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return mapPlan(node, [], change)
  const { primary, rest } = node
  const changed = change(primary, [])
  return {
    ...node,
    ...(changed.kind === 'Fetch' && { primary: changed }),
    ...(rest && { rest: mapPlan(rest, [], change) }),
  }
}

function mapPlan(node: PlanNode, path: PlanPath, change: ChangeFetch): PlanNode {
  const map = (one: PlanNode) => mapPlan(one, path, change)
  switch (node.kind) {
    case 'Fetch':
      return change(node, path)
    case 'Flatten':
      return { ...node, node: mapPlan(node.node, [...path, ...node.path.map(String)], change) }
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(map) }
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause && { ifClause: map(node.ifClause) }),
        ...(node.elseClause && { elseClause: map(node.elseClause) }),
      }
    case 'Defer':
      return node
  }
}
