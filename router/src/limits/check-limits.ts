import { graphError } from '@mall/service/errors'
import { GraphQLError, isExecutableDefinitionNode, type DocumentNode } from 'graphql'
import type { Limits } from './config.ts'
import { measureDefinitions, type DefinitionMeasures } from './measure.ts'

const names = {
  depth: 'deep',
  aliases: 'aliases',
  rootFields: 'root fields',
  directives: 'directives',
  fields: 'fields',
  inputDepth: 'levels of lists and objects in a value',
} as const

/** How many levels of fragments each level of fields may have, on average. */
const FRAGMENTS_PER_FIELD = 5

/**
 * What of a document exceeds the limits, each with the limit and the value; before validation, whose time grows faster
 * than the text.
 */
export function checkLimits(
  document: DocumentNode,
  limits: Limits,
): { readonly errors: readonly GraphQLError[]; readonly introspects: boolean } {
  if (!document.definitions.every(isExecutableDefinitionNode))
    return invalid('Only operations and fragments are read.')
  const measured = measure(document)
  if (measured instanceof GraphQLError) return refused(measured)
  // It cannot be measured, and is not valid.
  if (!measured) return invalid('A fragment contains itself.')
  const all = [...measured.values()]
  // What an operation spreads is counted in it: a fragment by itself only matters where no operation uses it.
  const problems = all.map((measures) => problemsOf(measures, limits)).find((one) => one.length > 0)
  return { errors: problems ?? [], introspects: all.some(({ introspects }) => introspects) }
}

function measure(document: DocumentNode) {
  try {
    return measureDefinitions(document)
  } catch (error) {
    if (error instanceof RangeError) return tooDeep()
    throw error
  }
}

const refused = (error: GraphQLError) => ({ errors: [error], introspects: false })
const invalid = (message: string) => refused(graphError('GRAPHQL_VALIDATION_FAILED', message))
const tooDeep = () => graphError('COST_EXCEEDED', 'The operation is nested too deeply.')

function problemsOf(measures: DefinitionMeasures, limits: Limits): readonly GraphQLError[] {
  const { depth, aliases } = limits.introspection
  const allowed = measures.introspects
    ? { ...limits, depth: Math.min(depth, limits.depth), aliases: Math.min(aliases, limits.aliases) }
    : limits
  const problems = keys
    .filter((key) => measures[key] > allowed[key])
    .map((key) => exceeded(names[key], measures[key], allowed[key]))
  const isNested = measures.nesting > limits.depth * FRAGMENTS_PER_FIELD
  return problems.length === 0 && isNested ? [tooDeep()] : problems
}

/** The refusal of an operation that asks more than is allowed of something. */
export function exceeded(what: string, value: number, limit: number): GraphQLError {
  const told = value < 1e9 ? String(Math.round(value)) : 'very many'
  return graphError(
    'COST_EXCEEDED',
    what === 'deep'
      ? `The operation is ${told} fields deep; ${limit} are allowed.`
      : `The operation has ${told} ${what}; ${limit} are allowed.`,
  )
}

const keys = ['depth', 'aliases', 'rootFields', 'directives', 'fields', 'inputDepth'] as const
