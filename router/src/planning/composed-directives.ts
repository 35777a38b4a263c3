import {
  extendSchema,
  Kind,
  visit,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import { baseTypeOf } from './supergraph-types.ts'

/** Directives of subgraphs' own (`@composeDirective`) that operations may have. */
export interface ComposedDirectives {
  /** With them; `@apollo/federation-internals` leaves them out of what clients see. */
  readonly schema: GraphQLSchema
  /** Without them: the planner does not know them, nor do subgraphs agree on their arguments. */
  leaveOut(operation: DocumentNode): DocumentNode
}

export function createComposedDirectives(
  schema: GraphQLSchema,
  supergraph: DocumentNode,
): ComposedDirectives {
  const definitions = supergraph.definitions.filter(
    (one) =>
      one.kind === Kind.DIRECTIVE_DEFINITION &&
      one.locations.some(({ value }) => executable.has(value)) &&
      !schema.getDirective(one.name.value) &&
      argumentsAreKnown(one, schema),
  )
  if (definitions.length === 0) return { schema, leaveOut: (operation) => operation }
  const names = new Set(definitions.flatMap((one) => ('name' in one && one.name ? [one.name.value] : [])))
  return {
    schema: extendSchema(schema, { kind: Kind.DOCUMENT, definitions }),
    leaveOut: (operation) =>
      visit(operation, { Directive: ({ name }) => (names.has(name.value) ? null : undefined) }),
  }
}

const executable: ReadonlySet<string> = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
])

/** One of them may have a type that clients must not see. */
const argumentsAreKnown = (node: DirectiveDefinitionNode, schema: GraphQLSchema) =>
  (node.arguments ?? []).every(({ type }) => schema.getType(baseTypeOf(type)))
