import { createHash } from 'node:crypto'
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

/** An operation, parsed and validated; what depends on the viewer or on variables is not in it. */
export interface PreparedOperation {
  /** With this one operation and the fragments that it uses. */
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly key: string
  /** What it was validated against. */
  readonly schema: GraphQLSchema
  readonly guarded: GuardedOperation
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
}

const MAX_OPERATIONS = 1_000
/** Longer texts are not remembered: what is remembered must not fill the memory. */
const MAX_REMEMBERED_LENGTH = 50_000
/** Above what people write and tools generate; it bounds the depth, too. */
const MAX_TOKENS = 10_000
const MAX_ERRORS = 20

/** Parses and validates, and remembers the last thousand operations by their text. */
export function createPrepare(options: PrepareOptions): Prepare {
  const remembered = createLru<string, PreparedOperation>(MAX_OPERATIONS)
  return (text, operationName) => {
    const key = createKey(`${operationName ?? ''}\n${text}`)
    const known = remembered.get(key)
    if (known) return known
    const prepared = prepare(text, operationName, key, options)
    if ('document' in prepared && text.length <= MAX_REMEMBERED_LENGTH) remembered.set(key, prepared)
    return prepared
  }
}

function prepare(
  text: string,
  operationName: string | null | undefined,
  key: string,
  { schema, rules, suggestions }: PrepareOptions,
): PreparedOperation | readonly GraphQLError[] {
  const parsed = parseText(text)
  if (parsed instanceof GraphQLError) return [parsed]
  const errors = validate(schema, parsed, specifiedRules, {
    maxErrors: MAX_ERRORS,
    hideSuggestions: !suggestions,
  })
  if (errors.length > 0)
    return errors.map(
      ({ message, nodes }) =>
        new GraphQLError(message, { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
    )
  const document = oneOperation(parsed, operationName)
  const operation = document?.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (!document || !operation) {
    const problem = operationName
      ? 'There is no operation of that name.'
      : 'Say which operation by operationName.'
    return [graphError('OPERATION_RESOLUTION_FAILURE', problem)]
  }
  const guarded = guardOperation(schema, document, rules)
  return { document, operation, key, schema, guarded, without: createWithout(schema, document, guarded) }
}

function parseText(text: string): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens: MAX_TOKENS })
  } catch (error) {
    if (error instanceof RangeError)
      return graphError('GRAPHQL_PARSE_FAILED', 'The operation is nested too deeply.')
    if (!(error instanceof GraphQLError)) throw error
    const { message, source, positions } = error
    return new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
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

const createKey = (text: string) => createHash('sha256').update(text).digest('base64url')
