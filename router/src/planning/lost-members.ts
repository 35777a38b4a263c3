import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner'
import {
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import { mapFetches } from './map-fetches.ts'
import type { PlanPath } from './plan-path.ts'
import type { ServiceTypes } from './service-types.ts'
import type { TypeConditions } from './type-conditions.ts'

/**
 * Where two services could be asked for a union (or an interface) and know different members, the planner leaves out the
 * fragments on all that are not common, though it asks but one of them. They are put back into what that service is
 * asked, as far as it can give them without another.
 */
export function withLostMembers(
  node: PlanNode | SubscriptionNode,
  document: DocumentNode,
  services: ServiceTypes,
  conditions: TypeConditions,
): PlanNode | SubscriptionNode {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (!services.anyDiffers || !operation) return node
  const fragments = fragmentsOf(document)
  const asked: Asked = { operation, fragments, services, conditions }
  return mapFetches(node, (fetch, path) => restore(fetch, setsAt(path, asked), asked))
}

interface Asked {
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly services: ServiceTypes
  readonly conditions: TypeConditions
}

type Sets = readonly SelectionSetNode[]

/** What the client asks of the objects at a path, whatever their types. */
function setsAt(path: PlanPath, asked: Asked): Sets {
  const keys = path.filter((step) => step !== '@')
  return keys.reduce<Sets>((sets, key) => below(sets, key, asked), [asked.operation.selectionSet])
}

function below(sets: Sets, key: string, asked: Asked): Sets {
  return sets.flatMap(({ selections }) =>
    selections.flatMap((one): Sets => {
      if (one.kind !== Kind.FIELD) return below([bodyOf(one, asked)], key, asked)
      return (one.alias ?? one.name).value === key && one.selectionSet ? [one.selectionSet] : []
    }),
  )
}

function bodyOf(one: Exclude<SelectionNode, { kind: Kind.FIELD }>, { fragments }: Asked): SelectionSetNode {
  if (one.kind === Kind.INLINE_FRAGMENT) return one.selectionSet
  return fragments.get(one.name.value)?.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] }
}

function conditionOf(one: Exclude<SelectionNode, { kind: Kind.FIELD }>, { fragments }: Asked) {
  const condition =
    one.kind === Kind.INLINE_FRAGMENT ? one.typeCondition : fragments.get(one.name.value)?.typeCondition
  return condition?.name.value
}

function restore(fetch: FetchNode, sets: Sets, asked: Asked): FetchNode {
  const [operation] = parse(fetch.operation, { noLocation: true }).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return fetch
  const service = fetch.serviceName
  let isChanged = false
  const root = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }[operation.operation]
  const selectionSet = fetch.requires
    ? mapFields(operation.selectionSet, (entities) => inside(entities, sets, ''))
    : inside(operation.selectionSet, sets, root)
  if (!isChanged) return fetch

  const used = new Set<string>()
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) })
  const known = operation.variableDefinitions ?? []
  const missing = (asked.operation.variableDefinitions ?? []).filter(
    ({ variable: { name } }) =>
      used.has(name.value) && !known.some((one) => one.variable.name.value === name.value),
  )
  return {
    ...fetch,
    operation: print({ ...operation, variableDefinitions: [...known, ...missing], selectionSet }),
    variableUsages: [...(fetch.variableUsages ?? []), ...missing.map(({ variable }) => variable.name.value)],
  }

  function inside(set: SelectionSetNode, sets: Sets, type: string): SelectionSetNode {
    return {
      ...set,
      selections: set.selections.map((one) => {
        if (one.kind === Kind.FRAGMENT_SPREAD || !one.selectionSet) return one
        if (one.kind === Kind.INLINE_FRAGMENT)
          return {
            ...one,
            selectionSet: inside(one.selectionSet, sets, one.typeCondition?.name.value ?? type),
          }
        const inner = below(sets, (one.alias ?? one.name).value, asked)
        const returned = asked.services.fieldType(service, type, one.name.value) ?? ''
        const kept = inside(one.selectionSet, inner, returned)
        const lost = asked.services.differs(returned) ? lostOf(kept, inner, returned) : []
        isChanged ||= lost.length > 0
        return { ...one, selectionSet: { ...kept, selections: [...kept.selections, ...lost] } }
      }),
    }
  }

  function lostOf(kept: SelectionSetNode, sets: Sets, type: string): InlineFragmentNode[] {
    const isKept = (member: string) =>
      kept.selections.some(
        (one) =>
          one.kind === Kind.INLINE_FRAGMENT &&
          asked.conditions(one.typeCondition?.name.value ?? '').has(member),
      )
    return asked.services
      .possibleTypes(service, type)
      .filter((member) => !isKept(member))
      .flatMap((member) => {
        const typed = sets.flatMap(({ selections }) => selections.filter((one) => one.kind !== Kind.FIELD))
        const selections = localPart(typed, member)
        return selections?.length ? [fragmentOf(selections, member)] : []
      })
  }

  /** What the client asks of objects of a type, in one piece; undefined where the service cannot give all of it. */
  function localPart(selections: readonly SelectionNode[], type: string): SelectionNode[] | undefined {
    const parts = selections.map((one): SelectionNode[] | undefined => {
      if (one.kind !== Kind.FIELD) {
        const condition = conditionOf(one, asked)
        if (condition !== undefined && !asked.conditions(condition).has(type)) return []
        const inner = localPart(bodyOf(one, asked).selections, type)
        return inner && (inner.length > 0 ? [{ ...fragmentOf(inner), directives: one.directives }] : [])
      }
      if (one.name.value === '__typename') return [one]
      if (!asked.services.isLocal(service, type, one.name.value)) return undefined
      if (!one.selectionSet) return [one]
      const returned = asked.services.fieldType(service, type, one.name.value) ?? ''
      const inner = localObject(one.selectionSet, returned)
      return inner && [{ ...one, selectionSet: inner }]
    })
    return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? [])
  }

  /** Objects of several types are left to the planner. */
  function localObject(set: SelectionSetNode, type: string): SelectionSetNode | undefined {
    const [member, ...others] = asked.services.possibleTypes(service, type)
    if (member !== type || others.length > 0) return undefined
    const selections = localPart(set.selections, type)
    return selections && { ...set, selections }
  }
}

function mapFields(
  set: SelectionSetNode,
  change: (set: SelectionSetNode) => SelectionSetNode,
): SelectionSetNode {
  return {
    ...set,
    selections: set.selections.map((one) =>
      one.kind === Kind.FIELD && one.selectionSet ? { ...one, selectionSet: change(one.selectionSet) } : one,
    ),
  }
}

const fragmentOf = (selections: SelectionNode[], type?: string): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  ...(type !== undefined && {
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
  }),
  selectionSet: { kind: Kind.SELECTION_SET, selections },
})
