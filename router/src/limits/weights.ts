import {
  buildASTSchema,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLAbstractType,
  type GraphQLDirective,
  type GraphQLSchema,
} from 'graphql'
import { z } from 'zod'

/** Of `@listSize`: how many items a list has, or the lists within an object (`sizedFields`). */
export interface ListSize {
  readonly assumedSize?: number | null | undefined
  readonly slicingArguments?: readonly string[] | null | undefined
  readonly sizedFields?: readonly string[] | null | undefined
  readonly requireOneSlicingArgument: boolean
}

/** What a schema says of cost, by `Type`, `Type.field` and `Type.field(argument:)`. */
export interface Weights {
  readonly costs: ReadonlyMap<string, number>
  readonly sizes: ReadonlyMap<string, ListSize>
}

const costValues = z.object({ weight: z.coerce.number() })
const sizeValues = z.object({
  assumedSize: z.number().nullish(),
  slicingArguments: z.array(z.string()).nullish(),
  sizedFields: z.array(z.string()).nullish(),
  requireOneSlicingArgument: z.boolean().default(true),
})

/** Reads `@cost` and `@listSize` (IBM's cost specification) from a supergraph, whatever it calls them. */
export function readWeights(supergraphSdl: string): Weights {
  const document = parse(supergraphSdl, { noLocation: true })
  const costs = new Map<string, number>()
  const sizes = new Map<string, ListSize>()
  const imported = importedNames(document)
  if (!imported) return { costs, sizes }
  const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true })
  const costDirective = schema.getDirective(imported.cost)
  const sizeDirective = schema.getDirective(imported.listSize)
  const read = (
    coordinate: string,
    node: { readonly directives?: readonly DirectiveNode[] } | null | undefined,
  ) => {
    const cost = valuesOf(costDirective, node)
    if (cost) costs.set(coordinate, costValues.parse(cost).weight)
    const size = valuesOf(sizeDirective, node)
    if (size) sizes.set(coordinate, sizeValues.parse(size))
  }
  for (const type of Object.values(schema.getTypeMap())) {
    for (const node of [type.astNode, ...type.extensionASTNodes]) read(type.name, node)
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) read(`${type.name}.${field.name}`, field.astNode)
    if (isObjectType(type) || isInterfaceType(type))
      for (const field of Object.values(type.getFields())) {
        read(`${type.name}.${field.name}`, field.astNode)
        for (const { name, astNode } of field.args) read(`${type.name}.${field.name}(${name}:)`, astNode)
      }
  }
  addAbstract(schema, costs)
  return { costs, sizes }
}

/** What is asked of an abstract type costs as much as of its dearest member, unless it says itself. */
function addAbstract(schema: GraphQLSchema, costs: Map<string, number>): void {
  const dearest = (coordinates: readonly string[], fallback: number) =>
    coordinates.some((one) => costs.has(one))
      ? Math.max(...coordinates.map((one) => costs.get(one) ?? fallback))
      : undefined
  const abstract = Object.values(schema.getTypeMap()).filter(isAbstractType)
  const members = (type: GraphQLAbstractType) => schema.getPossibleTypes(type).map(({ name }) => name)
  const add = (coordinate: string, cost: number | undefined) => {
    if (cost !== undefined && !costs.has(coordinate)) costs.set(coordinate, cost)
  }
  for (const type of abstract) add(type.name, dearest(members(type), 1))
  for (const type of abstract.filter(isInterfaceType))
    for (const field of Object.values(type.getFields())) {
      const of = getNamedType(field.type)
      const fallback = costs.get(of.name) ?? (isCompositeType(of) ? 1 : 0)
      add(
        `${type.name}.${field.name}`,
        dearest(
          members(type).map((name) => `${name}.${field.name}`),
          fallback,
        ),
      )
    }
}

function valuesOf(
  directive: GraphQLDirective | null | undefined,
  node: { readonly directives?: readonly DirectiveNode[] } | null | undefined,
) {
  return directive && node ? getDirectiveValues(directive, node) : undefined
}

/** How the supergraph calls the two directives, by its `@link` to the specification; null when it has none. */
function importedNames(document: DocumentNode): { cost: string; listSize: string } | null {
  const links = document.definitions
    .flatMap((one) => ('directives' in one ? (one.directives ?? []) : []))
    .filter(({ name }) => name.value === 'link')
  for (const { arguments: args = [] } of links) {
    const argument = (name: string) => args.find((one) => one.name.value === name)?.value
    const url = argument('url')
    if (url?.kind !== 'StringValue' || !url.value.startsWith('https://specs.apollo.dev/cost/')) continue
    const as = argument('as')
    const prefix = as?.kind === 'StringValue' ? as.value : 'cost'
    const names = { cost: prefix, listSize: `${prefix}__listSize` }
    const imports = argument('import')
    for (const one of imports?.kind === 'ListValue' ? imports.values : []) {
      const values = one.kind === 'ObjectValue' ? one.fields : [{ name: { value: 'name' }, value: one }]
      const text = (name: string) => {
        const value = values.find((field) => field.name.value === name)?.value
        return value?.kind === 'StringValue' ? value.value.slice(1) : undefined
      }
      const name = text('name')
      if (name === 'cost' || name === 'listSize') names[name] = text('as') ?? name
    }
    return names
  }
  return null
}
