import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner'
import {
  Kind,
  parse,
  print,
  visit,
  type ASTNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { mapFetches } from './map-fetches.ts'
import type { PlannedSupergraph } from './planned-supergraph.ts'

/** Puts into a plan what its subgraphs know: instead of the names that only the planner knows, fields with arguments. */
export function withRequiredFields(
  node: PlanNode | SubscriptionNode,
  planned: PlannedSupergraph,
): PlanNode | SubscriptionNode {
  if (planned.required.size === 0) return node
  return mapFetches(node, (fetch) => {
    const [first, ...others] = splitByNeeds(fetch, planned).map((one) => withArguments(one, planned))
    if (!first) return fetch
    return others.length === 0 ? first : { kind: 'Parallel', nodes: [first, ...others] }
  })
}

function withArguments(node: FetchNode, { required }: PlannedSupergraph): FetchNode {
  const operation = visit(parse(node.operation, { noLocation: true }), {
    Field(field) {
      const meant = required.get(field.name.value)
      if (!meant) return undefined
      const name = { kind: Kind.NAME, value: meant.name } as const
      return { ...field, alias: field.name, name, arguments: meant.arguments ?? [] }
    },
  })
  return {
    ...node,
    operation: print(operation),
    ...(node.requires && { requires: node.requires.map(rename) }),
  }

  /** A representation is read by alias and sent by name. */
  function rename(selection: QueryPlanSelectionNode): QueryPlanSelectionNode {
    const selections = selection.selections?.map(rename) ?? []
    if (selection.kind === 'InlineFragment') return { ...selection, selections }
    const meant = required.get(selection.name)
    return {
      ...selection,
      ...(selection.selections && { selections }),
      ...(meant && { alias: selection.name, name: meant.name }),
    }
  }
}

/**
 * One representation has one value for a field. Fields of an entity that need it with different arguments are fetched
 * by as many fetches.
 */
function splitByNeeds(node: FetchNode, planned: PlannedSupergraph): FetchNode[] {
  const entities = node.requires && entitiesOf(node)
  if (!entities) return [node]
  const groups: Set<string>[] = [new Set()]
  const groupOf = new Map<string, number>()
  for (const field of entities.fields) {
    const needs = planned.needsOf(node.serviceName, field.type, field.name)
    const fits = (group: ReadonlySet<string>) => needs.every((need) => !conflicts(need, group, planned))
    const found = groups.findIndex(fits)
    const index = found < 0 ? groups.push(new Set()) - 1 : found
    for (const need of needs) groups[index]?.add(need)
    groupOf.set(keyOf(field), index)
  }
  if (groups.length === 1) return [node]
  return groups.map((needs, index) => {
    const operation = entities.pick((field) => groupOf.get(keyOf(field)) === index)
    const used = variablesIn(operation)
    return {
      ...node,
      operation: print(operation),
      variableUsages: node.variableUsages?.filter((name) => used.has(name)),
      requires: pickRequires(node.requires ?? [], (name) => !planned.required.has(name) || needs.has(name)),
    }
  })
}

function conflicts(need: string, group: ReadonlySet<string>, { required }: PlannedSupergraph): boolean {
  const name = required.get(need)?.name
  return [...group].some((other) => other !== need && required.get(other)?.name === name)
}

interface EntityField {
  readonly type: string
  readonly name: string
}

const keyOf = ({ type, name }: EntityField) => `${type}.${name}`

/** The fields that a fetch asks of entities, and its operation with only some of them. */
function entitiesOf(node: FetchNode) {
  const [operation] = parse(node.operation, { noLocation: true }).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined
  const [root] = operation.selectionSet.selections
  if (root?.kind !== Kind.FIELD || !root.selectionSet) return undefined
  const { selectionSet } = root
  const fields: EntityField[] = []
  pickFields(selectionSet, '', (field) => fields.push(field) > 0)
  return {
    fields,
    pick(isWanted: (field: EntityField) => boolean): OperationDefinitionNode {
      const picked = { ...root, selectionSet: pickFields(selectionSet, '', isWanted) }
      const used = variablesIn(picked)
      return {
        ...operation,
        variableDefinitions: operation.variableDefinitions?.filter(({ variable }) =>
          used.has(variable.name.value),
        ),
        selectionSet: { ...operation.selectionSet, selections: [picked] },
      }
    },
  }
}

function pickFields(
  set: SelectionSetNode,
  type: string,
  isWanted: (field: EntityField) => boolean,
): SelectionSetNode {
  const selections = set.selections.flatMap((one): SelectionNode[] => {
    if (one.kind === Kind.FIELD) return isWanted({ type, name: one.name.value }) ? [one] : []
    if (one.kind === Kind.FRAGMENT_SPREAD) return [one]
    const selectionSet = pickFields(one.selectionSet, one.typeCondition?.name.value ?? type, isWanted)
    return selectionSet.selections.length > 0 ? [{ ...one, selectionSet }] : []
  })
  return { ...set, selections }
}

function pickRequires(
  selections: readonly QueryPlanSelectionNode[],
  isWanted: (name: string) => boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((one): QueryPlanSelectionNode[] => {
    if (one.kind === 'Field' && !isWanted(one.name)) return []
    if (!one.selections) return [one]
    const inner = pickRequires(one.selections, isWanted)
    return inner.length > 0 ? [{ ...one, selections: inner }] : []
  })
}

function variablesIn(node: ASTNode): ReadonlySet<string> {
  const names = new Set<string>()
  visit(node, { Variable: ({ name }) => void names.add(name.value) })
  return names
}
