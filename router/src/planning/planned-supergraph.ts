import {
  Kind,
  parse,
  print,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type StringValueNode,
} from 'graphql'
import { argumentOf, baseTypeOf, createSupergraphTypes } from './supergraph-types.ts'

/** A field that is required, under a name that only the planner knows, and without the arguments that it has. */
export interface RequiredField {
  readonly name: string
  readonly arguments: FieldNode['arguments']
  /** As it is written, such as `price(in: "EUR")`. */
  readonly text: string
}

/** A supergraph as the planner can plan it. */
export interface PlannedSupergraph {
  readonly document: DocumentNode
  /** By the names that only the planner knows. */
  readonly required: ReadonlyMap<string, RequiredField>
  /** Which of those a field needs in a service. */
  needsOf(service: string, type: string, field: string): readonly string[]
}

/** The service that requires something, and the planner's names of what it requires. */
interface Found {
  readonly service: string
  readonly names: string[]
}

const REQUIRED = 'required__'

/**
 * Changes what Apollo's planner plans wrongly:
 *
 * - Fields are planned by their names. A field that one subgraph requires with some arguments, and a client or another
 *   `@requires` asks with others, would be fetched once. Whatever a `@requires` selects of a field that takes arguments
 *   becomes a field of its own, without any: `price(in: "EUR")` becomes `required__0_price`.
 * - A field that a subgraph requires of itself, for what is inside, would be asked of another that has it as @external. It
 *   becomes a field of its own as well.
 * - To send an object back to a subgraph, the planner takes its first key there, even one that is not resolvable. Keys
 *   that are not are left out where there are others.
 */
export function createPlannedSupergraph(supergraph: DocumentNode): PlannedSupergraph {
  const types = createSupergraphTypes(supergraph)
  const required = new Map<string, RequiredField>()
  const added = new Map<string, Map<string, FieldDefinitionNode>>()
  const needs = new Map<string, readonly string[]>()

  const document: DocumentNode = {
    ...supergraph,
    definitions: supergraph.definitions
      .map((one) => (isComposite(one) ? withoutArguments(one) : one))
      .map((one) => (isComposite(one) ? withAdded(one) : one)),
  }
  return {
    document,
    required,
    needsOf: (service, type, field) =>
      needs.get([service, type, required.get(field)?.name ?? field].join('\n')) ?? [],
  }

  function withoutArguments<Type extends CompositeDefinition>(type: Type): Type {
    const fields = type.fields?.map((one) => withPlannedRequires(one, type.name.value, one.name.value))
    return { ...type, fields, directives: withoutDeadKeys(type.directives ?? []) }
  }

  function withPlannedRequires(field: FieldDefinitionNode, type: string, name: string): FieldDefinitionNode {
    return { ...field, directives: field.directives?.map((one) => planRequires(one, type, name)) }
  }

  function planRequires(directive: ConstDirectiveNode, type: string, field: string): ConstDirectiveNode {
    const text = directive.name.value === 'join__field' ? argumentOf(directive, 'requires') : undefined
    if (text?.kind !== Kind.STRING) return directive
    const service = types.serviceOf(directive)
    const names: string[] = []
    const set = planSet(readFieldSet(text.value), type, { service, names })
    if (names.length === 0) return directive
    needs.set([service, type, field].join('\n'), names)
    const planned: StringValueNode = { kind: Kind.STRING, value: set.selections.map(print).join(' ') }
    return {
      ...directive,
      arguments: directive.arguments?.map((one) => (one.value === text ? { ...one, value: planned } : one)),
    }
  }

  function planSet(set: SelectionSetNode, type: string, found: Found): SelectionSetNode {
    return { ...set, selections: set.selections.map((one) => planSelection(one, type, found)) }
  }

  function planSelection(node: SelectionNode, type: string, found: Found): SelectionNode {
    if (node.kind === Kind.FRAGMENT_SPREAD) return node
    if (node.kind === Kind.INLINE_FRAGMENT)
      return {
        ...node,
        selectionSet: planSet(node.selectionSet, node.typeCondition?.name.value ?? type, found),
      }
    const field = types.field(type, node.name.value)
    if (!field) return node
    const selectionSet = node.selectionSet && planSet(node.selectionSet, baseTypeOf(field.type), found)
    const planned = { ...node, selectionSet }
    if (!field.arguments?.length && !isExternalElsewhere(field, found.service)) return planned
    const value = nameOf(type, node)
    found.names.push(value)
    return { ...planned, name: { kind: Kind.NAME, value }, arguments: [] }
  }

  /** The planner would ask it of the subgraph where it is only @external, when the query comes from there. */
  function isExternalElsewhere(field: FieldDefinitionNode, service: string): boolean {
    const external = (field.directives ?? [])
      .filter((one) => argumentOf(one, 'external'))
      .map(types.serviceOf)
    return external.length > 0 && !external.includes(service)
  }

  /** One name for the same field with the same arguments, and that field on every type that shares it. */
  function nameOf(type: string, { name: { value: name }, arguments: args = [] }: FieldNode): string {
    const sorted = args.map((one) => print(one)).toSorted()
    const text = `${name}(${sorted.join(', ')})`
    const known = [...required].find(([key, one]) => one.text === text && added.get(type)?.has(key))
    if (known) return known[0]
    const made = `${REQUIRED}${required.size}_${name}`
    required.set(made, { name, arguments: args, text })
    for (const sharing of types.sharing(type, name)) {
      const field = types.field(sharing, name)
      const fields = added.get(sharing) ?? new Map<string, FieldDefinitionNode>()
      added.set(sharing, fields)
      if (!field) continue
      const addition = { ...field, name: { kind: Kind.NAME, value: made } as const, arguments: [] }
      // Known before its own needs are planned: they may lead back to it.
      fields.set(made, addition)
      fields.set(made, withPlannedRequires(addition, sharing, name))
    }
    return made
  }

  function withAdded<Type extends CompositeDefinition>(type: Type): Type {
    const fields = added.get(type.name.value)
    return fields
      ? { ...type, fields: [...(type.fields ?? []), ...[...fields.values()].map(asNeeded)] }
      : type
  }

  /** The planner would ask an @external field of a subgraph where no `@requires` has it. */
  function asNeeded(field: FieldDefinitionNode): FieldDefinitionNode {
    const isNeeded = (service: string) =>
      [...needs].some(([key, names]) => key.startsWith(`${service}\n`) && names.includes(field.name.value))
    const directives = field.directives?.filter(
      (one) => !argumentOf(one, 'external') || isNeeded(types.serviceOf(one)),
    )
    return { ...field, directives }
  }
}

type CompositeDefinition = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

const isComposite = (node: DocumentNode['definitions'][number]): node is CompositeDefinition =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION

function readFieldSet(text: string): SelectionSetNode {
  const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${text}" selects no fields`)
  return operation.selectionSet
}

function withoutDeadKeys(directives: readonly ConstDirectiveNode[]): ConstDirectiveNode[] {
  const graphOf = (node: ConstDirectiveNode) => {
    const graph = argumentOf(node, 'graph')
    return graph?.kind === Kind.ENUM ? graph.value : ''
  }
  const isKey = (node: ConstDirectiveNode) => node.name.value === 'join__type' && argumentOf(node, 'key')
  const isDead = (node: ConstDirectiveNode) => {
    const resolvable = argumentOf(node, 'resolvable')
    return isKey(node) && resolvable?.kind === Kind.BOOLEAN && !resolvable.value
  }
  const alive = new Set(directives.filter((node) => isKey(node) && !isDead(node)).map(graphOf))
  return directives.filter((node) => !isDead(node) || !alive.has(graphOf(node)))
}
