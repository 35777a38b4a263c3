import { hash } from 'node:crypto'
import { guardOperation, pruneDenied, type GuardedOperation, type SupergraphRules } from '@mall/access'
import { graphError } from '@mall/service/errors'
import {
  GraphQLError,
  Kind,
  parse,
  print,
  separateOperations,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { createLru } from '@mall/service/lru'
import { checkLimits } from '../limits/check-limits.ts'
import type { Limits } from '../limits/config.ts'
import { compileCost, type Cost } from '../limits/cost.ts'
import { noHostileInputRule } from '../limits/hostile-input.ts'
import type { Weights } from '../limits/weights.ts'

/** An operation, parsed and validated; what depends on the viewer or on variables is not in it. */
export interface PreparedOperation {
  /** With this one operation and the fragments that it uses. */
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly key: string
  /** What it was validated against. */
  readonly schema: GraphQLSchema
  readonly guarded: GuardedOperation
  readonly cost: Cost
  /** Whether it asks for `__schema` or `__type`. */
  readonly introspects: boolean
  /** The document without what these rules (indexes into `guarded.decisions`) deny. */
  without(denied: ReadonlySet<number>): { readonly document: DocumentNode; readonly key: string }
}

export type Prepare = (
  text: string,
  operationName: string | null | undefined,
) => PreparedOperation | readonly GraphQLError[]

export interface PrepareOptions {
  readonly schema: GraphQLSchema
  readonly rules: SupergraphRules
  /** Whether errors may suggest names of the schema. */
  readonly suggestions: boolean
  readonly limits: Limits
  readonly weights: Weights
}

const MAX_OPERATIONS = 1_000
/** Longer texts are not remembered: what is remembered must not fill the memory. */
const MAX_REMEMBERED_LENGTH = 50_000
const MAX_ERRORS = 20
/** Errors quote names, however long they are. */
const MAX_MESSAGE = 500

/** Parses and validates, and remembers the last thousand operations by their text, with and without a name. */
export function createPrepare(options: PrepareOptions): Prepare {
  const unnamed = createLru<string, PreparedOperation>(MAX_OPERATIONS)
  const named = createLru<string, PreparedOperation>(MAX_OPERATIONS)
  return (text, operationName) => {
    const isNamed = typeof operationName === 'string'
    const remembered = isNamed ? named : unnamed
    const asked = isNamed ? `${operationName}\n${text}` : text
    const known = remembered.get(asked)
    if (known) return known
    const prepared = prepareSafely(text, operationName, createKey(`${operationName ?? ''}\n${text}`), options)
    if ('document' in prepared && text.length <= MAX_REMEMBERED_LENGTH) remembered.set(asked, prepared)
    return prepared
  }
}

/** Some nesting that can be parsed is too deep for what comes after it; what that ends in is no fault of ours. */
function prepareSafely(...args: Parameters<typeof prepare>): ReturnType<typeof prepare> {
  try {
    return prepare(...args)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return [graphError('GRAPHQL_PARSE_FAILED', 'The operation is nested too deeply.')]
  }
}

function prepare(
  text: string,
  operationName: string | null | undefined,
  key: string,
  { schema, rules, suggestions, limits, weights }: PrepareOptions,
): PreparedOperation | readonly GraphQLError[] {
  const parsed = parseText(text, limits.tokens)
  if (parsed instanceof GraphQLError) return [parsed]
  const measured = checkLimits(parsed, limits)
  if (measured.errors.length > 0) return measured.errors
  const errors = validate(schema, parsed, validationRules, {
    maxErrors: MAX_ERRORS,
    hideSuggestions: !suggestions,
  })
  if (errors.length > 0)
    return errors.map(
      ({ message, nodes }) =>
        new GraphQLError(shorten(message), { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
    )
  const document = oneOperation(parsed, operationName)
  const operation = document?.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (!document || !operation) {
    const problem = operationName
      ? 'There is no operation of that name.'
      : 'Say which operation by operationName.'
    return [graphError('OPERATION_RESOLUTION_FAILURE', problem)]
  }
  const cost = compileCost(document, operation, { schema, weights, ...limits })
  if (isErrors(cost)) return cost
  const guarded = guardOperation(schema, document, rules)
  const { introspects } = measured
  const without = createWithout(schema, document, guarded)
  return { document, operation, key, schema, guarded, cost, introspects, without }
}

function parseText(text: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, source, positions } = error
    return new GraphQLError(shorten(message), {
      source,
      positions,
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    })
  }
}

function oneOperation(document: DocumentNode, name: string | null | undefined): DocumentNode | undefined {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operations.length === 1) return !name || operations[0]?.name?.value === name ? document : undefined
  return name ? separateOperations(document)[name] : undefined
}

function createWithout(schema: GraphQLSchema, document: DocumentNode, { guards }: GuardedOperation) {
  const made = createLru<string, { document: DocumentNode; key: string }>(20)
  return (denied: ReadonlySet<number>) => {
    const which = [...denied].toSorted((a, b) => a - b).join()
    const known = made.get(which)
    if (known) return known
    const pruned = pruneDenied(
      schema,
      document,
      (node) => guards.get(node)?.some((i) => denied.has(i)) ?? false,
    )
    const value = { document: pruned, key: createKey(print(pruned)) }
    made.set(which, value)
    return value
  }
}

const shorten = (message: string) => message.slice(0, MAX_MESSAGE)

const createKey = (text: string) => hash('sha256', text, 'base64url')

const validationRules = [...specifiedRules, noHostileInputRule]

const isErrors = (value: Cost | readonly GraphQLError[]): value is readonly GraphQLError[] =>
  Array.isArray(value)
