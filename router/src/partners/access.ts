import { directiveNamesOf, requirementOf, type Requirement } from '@mall/access'
import { getNamedType, Kind, parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql'
import type { PartnerOperation } from './operations.ts'

/** Access rules of the graph by `Type` and `Type.field`. */
export type Requirements = ReadonlyMap<string, Requirement>

/** What an operation asks of who sends it. */
export interface OperationAccess {
  readonly isGuarded: boolean
  /** Of one of the lists all scopes are needed; empty when no scope is. */
  readonly scopes: readonly (readonly string[])[]
  /** Whether its root field is also for owners only, which the data decides. */
  readonly hasPolicies: boolean
}

/** Reads the access rules of a supergraph, whatever it calls the directives. */
export function readRequirements(supergraphSdl: string): Requirements {
  const document = parse(supergraphSdl, { noLocation: true })
  const names = directiveNamesOf(document)
  const found = new Map<string, Requirement>()
  for (const node of document.definitions) {
    if (!('name' in node) || !node.name || !('fields' in node)) continue
    const type = node.name.value
    const own = requirementOf(node.directives, names)
    if (own) found.set(type, own)
    for (const field of node.fields ?? []) {
      const requirement = requirementOf(field.directives, names)
      if (requirement) found.set(`${type}.${field.name.value}`, requirement)
    }
  }
  return found
}

/** A mutation is refused for any denied field, a query for its root field only; elsewhere what is denied is null. */
export function accessOf(
  operation: PartnerOperation,
  schema: GraphQLSchema,
  requirements: Requirements,
): OperationAccess {
  const all = requirementsIn(operation, schema, requirements)
  const root = requirements.get(`${operation.rootType.name}.${operation.rootField.name}`)
  const own = operation.definition.operation === 'mutation' ? all : root ? [root] : []
  return {
    isGuarded: own.some(({ authenticated, scopes }) => authenticated || scopes.length > 0),
    scopes: own.reduce<readonly (readonly string[])[]>((known, { scopes }) => allOf(known, scopes), []),
    hasPolicies: (root?.policies.length ?? 0) > 0,
  }
}

function requirementsIn(
  { document }: PartnerOperation,
  schema: GraphQLSchema,
  requirements: Requirements,
): Requirement[] {
  const keys = new Set<string | undefined>()
  const typeInfo = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const parent = typeInfo.getParentType()?.name
        keys.add(parent).add(`${parent}.${node.name.value}`).add(getNamedType(typeInfo.getType())?.name)
      },
      [Kind.INLINE_FRAGMENT]: (node) => void keys.add(node.typeCondition?.name.value),
      [Kind.FRAGMENT_DEFINITION]: (node) => void keys.add(node.typeCondition.name.value),
    }),
  )
  return [...keys].flatMap((key) => (key === undefined ? [] : (requirements.get(key) ?? [])))
}

/** One list of each side, in all combinations. */
function allOf(a: readonly (readonly string[])[], b: readonly (readonly string[])[]) {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
  return a.flatMap((left) => b.map((right) => [...new Set([...left, ...right])].toSorted()))
}

/** What a field of an answer asks for, in a sentence; empty when nothing. */
export function nullWithout(requirement: Requirement | undefined): string {
  if (!requirement) return ''
  const { authenticated, scopes, policies } = requirement
  const needs = [
    ...(authenticated ? ['a credential'] : []),
    ...(scopes.length > 0 ? [`the scope ${anyOf(scopes)}`] : []),
    ...(policies.length > 0 ? [anyOf(policies)] : []),
  ]
  return needs.length === 0 ? '' : `Null without ${needs.join(', and ')}.`
}

/** `a and b, or c` */
export const anyOf = (lists: readonly (readonly string[])[]): string =>
  lists.map((names) => names.join(' and ')).join(', or ')
