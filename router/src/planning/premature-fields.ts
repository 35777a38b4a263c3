import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner'
import {
  Kind,
  OperationTypeNode,
  parse,
  print,
  visit,
  type ASTNode,
  type FieldNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { mapFetches } from './map-fetches.ts'
import type { PlanPath } from './plan-path.ts'
import type { ServiceTypes } from './service-types.ts'

/** A field that a fetch asks for without sending what the field requires. */
interface Premature {
  readonly key: string
  /** Where the objects are that have it. */
  readonly path: PlanPath
  /** Asks for it as it should be. */
  readonly late: FetchNode
}

/**
 * Where a field requires `b`, `b` requires `a` of a third service, and the object comes from the service of `b`, the
 * planner asks for `b` along with the object, before it has `a`. Such a field is taken out there, and asked as an entity's
 * where it is needed: by then its own needs have been fetched.
 */
export function withoutPremature(
  node: PlanNode | SubscriptionNode,
  services: ServiceTypes,
): PlanNode | SubscriptionNode {
  const found: Premature[] = []
  const taken = mapFetches(node, (fetch, path) => takeOut(fetch, path, services, found))
  if (found.length === 0) return node
  return mapFetches(taken, (fetch, path) => {
    const needed = found.filter((one) => needs(fetch, path, one))
    const first = needed.map((one): PlanNode => flatten(one.path.slice(path.length), one.late))
    return first.length === 0 ? fetch : { kind: 'Sequence', nodes: [...first, fetch] }
  })
}

const flatten = (path: PlanPath, node: FetchNode): PlanNode =>
  path.length === 0 ? node : { kind: 'Flatten', path: [...path], node }

/** Whether a fetch is sent the field. */
function needs({ requires }: FetchNode, path: PlanPath, { key, path: place }: Premature): boolean {
  if (!requires || path.some((step, index) => place[index] !== step)) return false
  const keys = [...place.slice(path.length).filter((step) => step !== '@'), key]
  return keys.reduce((all, one) => all.flatMap((set) => below(set, one)), [requires]).length > 0
}

function below(selections: readonly QueryPlanSelectionNode[], key: string): QueryPlanSelectionNode[][] {
  return selections.flatMap((one) => {
    if (one.kind === 'InlineFragment') return below(one.selections, key)
    return (one.alias ?? one.name) === key ? [one.selections ?? []] : []
  })
}

function takeOut(fetch: FetchNode, path: PlanPath, services: ServiceTypes, found: Premature[]): FetchNode {
  const { serviceName: service } = fetch
  const [definition] = parse(fetch.operation, { noLocation: true }).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return fetch
  const operation: OperationDefinitionNode = definition
  const before = found.length
  const [entities] = operation.selectionSet.selections
  const root = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation.operation]
  const selectionSet =
    fetch.requires && entities?.kind === Kind.FIELD && entities.selectionSet
      ? setOf([
          { ...entities, selectionSet: inside(entities.selectionSet, '', path, sentKeys(fetch.requires)) },
        ])
      : inside(operation.selectionSet, root, path, [])
  return found.length === before ? fetch : withSelection(fetch, operation, selectionSet)

  /** `known` are the keys of what the service knows of the objects: what is sent along, or stands beside. */
  function inside(
    set: SelectionSetNode,
    type: string,
    at: PlanPath,
    known: readonly string[],
  ): SelectionSetNode {
    const besides = [
      ...known,
      ...set.selections.flatMap((one) => (one.kind === Kind.FIELD ? keyOf(one) : [])),
    ]
    return setOf(
      set.selections.flatMap((one): readonly SelectionNode[] => {
        if (one.kind === Kind.FRAGMENT_SPREAD) return [one]
        if (one.kind === Kind.INLINE_FRAGMENT) {
          const condition = one.typeCondition?.name.value ?? type
          return [{ ...one, selectionSet: inside(one.selectionSet, condition, at, besides) }]
        }
        const late = lateFetch(fetch, operation, { type, field: one, known: besides }, services)
        if (late) {
          found.push({ key: keyOf(one), path: at, late })
          return selectionsOf(`__typename ${services.keyOf(service, type) ?? ''}`)
        }
        if (!one.selectionSet) return [one]
        const lists = Array<string>(services.listDepth(service, type, one.name.value)).fill('@')
        const inner = services.fieldType(service, type, one.name.value) ?? ''
        return [{ ...one, selectionSet: inside(one.selectionSet, inner, [...at, keyOf(one), ...lists], []) }]
      }),
    )
  }
}

/** The fetch that asks a field as it should be; undefined where its own fetch does. */
function lateFetch(
  { serviceName }: FetchNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  {
    type,
    field,
    known,
  }: { readonly type: string; readonly field: FieldNode; readonly known: readonly string[] },
  services: ServiceTypes,
): FetchNode | undefined {
  const requires = services.requiresOf(serviceName, type, field.name.value)
  const key = services.keyOf(serviceName, type)
  if (requires === undefined || key === undefined) return undefined
  const required = selectionsOf(requires)
  if (required.every((one) => one.kind !== Kind.FIELD || known.includes(keyOf(one)))) return undefined
  const used = variablesIn(field)
  const definitions = variableDefinitions.filter(({ variable }) => used.has(variable.name.value))
  const variables = ['$representations: [_Any!]!', ...definitions.map((one) => print(one))].join(', ')
  const selections = ['__typename', key].flatMap(selectionsOf).concat(required)
  return {
    kind: 'Fetch',
    serviceName,
    requires: [{ kind: 'InlineFragment', typeCondition: type, selections: toPlan(selections) }],
    variableUsages: [...used],
    operation: `query (${variables}) { _entities(representations: $representations) { ... on ${type} { ${print(field)} } } }`,
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  }
}

function withSelection(
  fetch: FetchNode,
  operation: OperationDefinitionNode,
  selectionSet: SelectionSetNode,
): FetchNode {
  const used = variablesIn(selectionSet)
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    used.has(variable.name.value),
  )
  return {
    ...fetch,
    operation: print({ ...operation, variableDefinitions, selectionSet }),
    variableUsages: fetch.variableUsages?.filter((name) => used.has(name)),
  }
}

const keyOf = ({ alias, name }: FieldNode) => (alias ?? name).value

const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
})

function selectionsOf(text: string): readonly SelectionNode[] {
  const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : []
}

const sentKeys = (selections: readonly QueryPlanSelectionNode[]): string[] =>
  selections.flatMap((one) => (one.kind === 'Field' ? [one.name] : sentKeys(one.selections)))

function toPlan(selections: readonly SelectionNode[]): QueryPlanSelectionNode[] {
  return selections.flatMap((one): QueryPlanSelectionNode[] => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return []
    const inner = one.selectionSet && toPlan(one.selectionSet.selections)
    if (one.kind === Kind.FIELD)
      return [{ kind: 'Field', name: one.name.value, ...(inner && { selections: inner }) }]
    const typeCondition = one.typeCondition && { typeCondition: one.typeCondition.name.value }
    return [{ kind: 'InlineFragment', ...typeCondition, selections: inner ?? [] }]
  })
}

function variablesIn(node: ASTNode): ReadonlySet<string> {
  const names = new Set<string>()
  visit(node, { Variable: ({ name }) => void names.add(name.value) })
  return names
}
