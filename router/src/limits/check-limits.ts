import { graphError } from '@mall/service/errors'
import type { DocumentNode, GraphQLError } from 'graphql'
import type { Limits } from './config.ts'
import { measureOperations } from './measure.ts'

const names = {
  depth: 'deep',
  aliases: 'aliases',
  rootFields: 'root fields',
  directives: 'directives',
  fields: 'fields',
  inputDepth: 'levels of lists and objects in a value',
} as const

/**
 * What of a document exceeds the limits, each with the limit and the value; before validation, whose time grows faster
 * than the text.
 */
export function checkLimits(
  document: DocumentNode,
  limits: Limits,
): { readonly errors: readonly GraphQLError[]; readonly introspects: boolean } {
  const measured = measureOperations(document)
  // It cannot be measured, and is not valid.
  if (!measured)
    return {
      errors: [graphError('GRAPHQL_VALIDATION_FAILED', 'A fragment contains itself.')],
      introspects: false,
    }
  const all = [...measured.values()]
  const errors = all.flatMap((measures) => {
    const { depth, aliases } = limits.introspection
    const allowed = measures.introspects
      ? { ...limits, depth: Math.min(depth, limits.depth), aliases: Math.min(aliases, limits.aliases) }
      : limits
    return keys
      .filter((key) => measures[key] > allowed[key])
      .map((key) => exceeded(names[key], measures[key], allowed[key]))
  })
  return { errors, introspects: all.some(({ introspects }) => introspects) }
}

/** The refusal of an operation that asks more than is allowed of something. */
export function exceeded(what: string, value: number, limit: number): GraphQLError {
  const told = Number.isFinite(value) ? String(Math.round(value)) : 'very many'
  return graphError(
    'COST_EXCEEDED',
    what === 'deep'
      ? `The operation is ${told} fields deep; ${limit} are allowed.`
      : `The operation has ${told} ${what}; ${limit} are allowed.`,
  )
}

const keys = ['depth', 'aliases', 'rootFields', 'directives', 'fields', 'inputDepth'] as const
