import { graphError } from '@mall/service/errors'
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLError,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import type { Weights } from './weights.ts'

type Variables = Readonly<Record<string, unknown>>

/** What an operation costs: a number, or a function where it depends on variables (coerced, with their defaults). */
export type Cost = number | ((variables: Variables) => number)

export interface CostOptions {
  readonly schema: GraphQLSchema
  readonly weights: Weights
  /** Items of a list that has no `@listSize`. */
  readonly assumedListSize: number
  /** Of each root field of a mutation that has no `@cost`. */
  readonly mutationCost: number
}

/** The cost under given variables. */
export const costWith = (cost: Cost, variables: Variables) =>
  typeof cost === 'number' ? cost : cost(variables)

/** The lists of an object whose size its parent field knows. */
interface Sized {
  readonly fields: readonly string[]
  readonly size: Cost
}

/**
 * Works out the cost of a valid operation by IBM's specification: objects cost 1 and scalars nothing unless `@cost` says
 * otherwise, times the size of the lists they are in. Of an abstract type the dearest member counts, and what is
 * conditional counts as asked for. Errors where a field that requires one slicing argument has none or several.
 */
export function compileCost(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { schema, weights, assumedListSize, mutationCost }: CostOptions,
): Cost | readonly GraphQLError[] {
  const { costs, sizes } = weights
  const isMutation = operation.operation === 'mutation'
  const errors: GraphQLError[] = []
  const fragments = fragmentsOf(document)
  const root = schema.getRootType(operation.operation)
  const cost = root ? ofSelections([operation.selectionSet], root, undefined) : 0
  return errors.length > 0 ? errors : cost

  function ofSelections(
    sets: readonly SelectionSetNode[],
    parent: GraphQLNamedType,
    sized: Sized | undefined,
  ): Cost {
    const byType = new Map<GraphQLNamedType, Map<string, FieldNode[]>>()
    for (const set of sets) collect(set, parent, byType)
    const ofTypes = [...byType].map(([type, fields]) => ({
      type,
      cost: sum([...fields.values()].map((nodes) => ofField(nodes, type, sized))),
    }))
    if (!isAbstractType(parent)) return sum(ofTypes.map(({ cost }) => cost))
    const shared = ofTypes.filter(({ type }) => isAbstractType(type))
    const members = ofTypes.filter(({ type }) => !isAbstractType(type))
    return sum([...shared.map(({ cost }) => cost), most(members.map(({ cost }) => cost))])
  }

  function collect(
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType,
    byType: Map<GraphQLNamedType, Map<string, FieldNode[]>>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const fields = byType.get(parent) ?? new Map<string, FieldNode[]>()
        byType.set(parent, fields)
        const key = selection.alias?.value ?? selection.name.value
        fields.set(key, [...(fields.get(key) ?? []), selection])
        continue
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection
      const condition = fragment?.typeCondition?.name.value
      const type = condition === undefined ? parent : schema.getType(condition)
      if (fragment && type) collect(fragment.selectionSet, narrower(parent, type), byType)
    }
  }

  function ofField(nodes: readonly FieldNode[], parent: GraphQLNamedType, sized: Sized | undefined): Cost {
    const [node] = nodes
    const field =
      node && (isObjectType(parent) || isInterfaceType(parent)) && parent.getFields()[node.name.value]
    if (!field) return 0
    const coordinate = `${parent.name}.${field.name}`
    const type = getNamedType(field.type)
    const listSize = sizes.get(coordinate)
    const expected = listSize ? sizeOf(listSize, field, node) : assumedListSize
    const isSizing = (listSize?.sizedFields?.length ?? 0) > 0
    const inner = isSizing ? { fields: listSize?.sizedFields ?? [], size: expected } : undefined
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    const items = sized?.fields.includes(field.name) ? sized.size : isSizing ? assumedListSize : expected
    const isRootOfMutation = isMutation && parent === root
    const own =
      costs.get(coordinate) ??
      (isRootOfMutation ? mutationCost : (costs.get(type.name) ?? (isCompositeType(type) ? 1 : 0)))
    const each = sum([own, ofSelections(sets, type, inner)])
    const args = field.args.map((argument) => ofArgument(`${coordinate}(${argument.name}:)`, argument, node))
    return sum([isListType(getNullableType(field.type)) ? product(items, each) : each, ...args])
  }

  function sizeOf(
    { slicingArguments, assumedSize, requireOneSlicingArgument }: NonNullable<ReturnType<typeof sizes.get>>,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
  ): Cost {
    const slices = (slicingArguments ?? []).flatMap((name) => {
      const given = node.arguments?.find((one) => one.name.value === name)
      const fallback = field.args.find((one) => one.name === name)?.defaultValue
      if (!given && fallback === undefined) return []
      return [
        valueOf(given, fallback, (value) => (typeof value === 'number' ? Math.max(0, value) : NOT_GIVEN)),
      ]
    })
    if (slicingArguments?.length && requireOneSlicingArgument && slices.length !== 1)
      errors.push(
        graphError(
          'GRAPHQL_VALIDATION_FAILED',
          `"${field.name}" takes exactly one of these arguments: ${slicingArguments.join(', ')}.`,
        ),
      )
    // A null, or a variable without a value, leaves the size to the service, as no argument does.
    const assumed = assumedSize ?? assumedListSize
    return map(fold(slices, Math.max, NOT_GIVEN), (size) => (size === NOT_GIVEN ? assumed : size))
  }

  function ofArgument(coordinate: string, argument: GraphQLArgument, node: FieldNode): Cost {
    const given = node.arguments?.find((one) => one.name.value === argument.name)
    if (!given) return 0
    const own = costs.get(coordinate) ?? 0
    if (own === 0 && !hasWeights(argument.type)) return 0
    return valueOf(given, undefined, (value) =>
      value === undefined ? 0 : own + ofInput(argument.type, value),
    )
  }

  function ofInput(type: GraphQLInputType, value: unknown): number {
    if (value === null || value === undefined) return 0
    if (Array.isArray(value)) return value.reduce<number>((total, one) => total + ofInput(type, one), 0)
    const named = getNamedType(type)
    const own = costs.get(named.name) ?? 0
    if (!isInputObjectType(named) || typeof value !== 'object') return own
    return Object.entries(value).reduce((total, [name, inner]) => {
      const field = Object.hasOwn(named.getFields(), name) ? named.getFields()[name] : undefined
      return field ? total + (costs.get(`${named.name}.${name}`) ?? 0) + ofInput(field.type, inner) : total
    }, own)
  }

  function hasWeights(type: GraphQLInputType, seen = new Set<string>()): boolean {
    const named = getNamedType(type)
    if (seen.has(named.name) || costs.size === 0) return false
    seen.add(named.name)
    if (costs.has(named.name)) return true
    return (
      isInputObjectType(named) &&
      Object.values(named.getFields()).some(
        (field) => costs.has(`${named.name}.${field.name}`) || hasWeights(field.type, seen),
      )
    )
  }
}

/** What a fragment's fields are of: an abstract condition on an object says nothing new. */
const narrower = (parent: GraphQLNamedType, condition: GraphQLNamedType) =>
  isObjectType(parent) ? parent : condition

/** Of a slicing argument without a number. */
const NOT_GIVEN = -1

/** A number worked out of an argument's value: at once where it holds no variable. */
function valueOf(given: ArgumentNode | undefined, fallback: unknown, read: (value: unknown) => number): Cost {
  if (!given) return read(fallback)
  if (!JSON.stringify(given.value).includes('"Variable"')) return read(valueFromASTUntyped(given.value))
  return (variables) => read(valueFromASTUntyped(given.value, variables) ?? fallback)
}

const sum = (costs: readonly Cost[]) => fold(costs, (a, b) => a + b, 0)
const most = (costs: readonly Cost[]) => fold(costs, Math.max, 0)
const map = (cost: Cost, change: (value: number) => number): Cost =>
  typeof cost === 'number' ? change(cost) : (variables) => change(cost(variables))
const product = (a: Cost, b: Cost) => fold([a, b], (x, y) => x * y, 1)

/** Adds up what is constant now, and leaves the rest to a function. */
function fold(costs: readonly Cost[], combine: (a: number, b: number) => number, start: number): Cost {
  const constant = costs.reduce<number>(
    (total, cost) => (typeof cost === 'number' ? combine(total, cost) : total),
    start,
  )
  const varying = costs.filter((cost) => typeof cost === 'function')
  if (varying.length === 0) return constant
  return (variables) => varying.reduce((total, cost) => combine(total, cost(variables)), constant)
}
