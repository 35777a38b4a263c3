import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner'
import { Kind, parse, type SelectionNode } from 'graphql'

/**
 * Where an @interfaceObject requires something of another, the planner asks for both at the same time. Of what stands in
 * parallel, a fetch that needs what only another brings comes after it.
 */
export function withOrder(node: PlanNode | SubscriptionNode): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return order(node, [], new Set())
  const { primary, rest } = node
  return { ...node, ...(rest && { rest: order(rest, [], new Set(broughtBy(primary, []))) }) }
}

/** Fields are written as where they are in the answer. `known` has what came before, and gets what the node brings. */
function order(node: PlanNode, path: readonly string[], known: Set<string>): PlanNode {
  switch (node.kind) {
    case 'Sequence':
      return { ...node, nodes: node.nodes.map((one) => order(one, path, known)) }
    case 'Parallel':
      return orderParallel(node.nodes, path, known)
    case 'Flatten':
      return { ...node, node: order(node.node, [...path, ...node.path.map(String)], known) }
    case 'Condition':
      return {
        ...node,
        ...(node.ifClause && { ifClause: order(node.ifClause, path, known) }),
        ...(node.elseClause && { elseClause: order(node.elseClause, path, known) }),
      }
    case 'Fetch':
      for (const one of broughtBy(node, path)) known.add(one)
      return node
    case 'Defer':
      return node
  }
}

function orderParallel(nodes: readonly PlanNode[], path: readonly string[], known: Set<string>): PlanNode {
  const sides = nodes.map((node) => {
    const brought = new Set(known)
    return { node: order(node, path, brought), needed: neededBy(node, path, known), brought }
  })
  const waits = ({ needed }: (typeof sides)[number]) =>
    needed.some((one) => sides.some(({ brought }) => brought.has(one)))
  const { first = [], later = [] } = Object.groupBy(sides, (one) => (waits(one) ? 'later' : 'first'))
  const isOrdered = first.length === 0 || later.length === 0
  for (const { brought } of isOrdered ? sides : first) for (const one of brought) known.add(one)
  if (isOrdered) return { kind: 'Parallel', nodes: sides.map(({ node }) => node) }
  const rest = orderParallel(
    later.map(({ node }) => node),
    path,
    known,
  )
  return { kind: 'Sequence', nodes: [{ kind: 'Parallel', nodes: first.map(({ node }) => node) }, rest] }
}

/** What a node needs that neither came before nor is brought by an earlier part of it. */
function neededBy(node: PlanNode, path: readonly string[], known: ReadonlySet<string>): string[] {
  const own = new Set(known)
  const needed: string[] = []
  collect(node, path)
  return needed

  function collect(one: PlanNode, at: readonly string[]): void {
    if (one.kind === 'Flatten') collect(one.node, [...at, ...one.path.map(String)])
    else if (one.kind === 'Sequence' || one.kind === 'Parallel')
      one.nodes.forEach((inner) => collect(inner, at))
    else if (one.kind === 'Condition')
      for (const clause of [one.ifClause, one.elseClause]) if (clause) collect(clause, at)
    if (one.kind !== 'Fetch') return
    needed.push(...requiredFields(one.requires ?? [], at).filter((field) => !own.has(field)))
    for (const field of broughtBy(one, at)) own.add(field)
  }
}

function requiredFields(
  selections: readonly QueryPlanSelectionNode[],
  path: readonly string[],
): readonly string[] {
  return selections.flatMap((one) => {
    if (one.kind === 'InlineFragment') return requiredFields(one.selections, path)
    const key = one.alias ?? one.name
    if (key === '__typename') return []
    return one.selections ? requiredFields(one.selections, [...path, key]) : [placeOf([...path, key])]
  })
}

function broughtBy({ operation, requires }: FetchNode, path: readonly string[]): readonly string[] {
  const [definition] = parse(operation, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return []
  const [entities] = definition.selectionSet.selections
  if (!requires) return broughtFields(definition.selectionSet.selections, path)
  return entities?.kind === Kind.FIELD ? broughtFields(entities.selectionSet?.selections ?? [], path) : []
}

function broughtFields(selections: readonly SelectionNode[], path: readonly string[]): readonly string[] {
  return selections.flatMap((one) => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    if (one.kind === Kind.INLINE_FRAGMENT) return broughtFields(one.selectionSet.selections, path)
    const inner = [...path, (one.alias ?? one.name).value]
    return one.selectionSet ? broughtFields(one.selectionSet.selections, inner) : [placeOf(inner)]
  })
}

const placeOf = (path: readonly string[]) => path.filter((step) => step !== '@').join('.')
