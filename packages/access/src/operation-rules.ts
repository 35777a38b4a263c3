import {
  buildASTSchema,
  getNamedType,
  isAbstractType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql'
import { directiveNamesOf, requirementOf, type Requirement } from './requirement.ts'
import { createDecision, type Decide } from './rules.ts'
import type { Viewer } from './viewer.ts'

/** The rules of a supergraph that can be decided before any data is there: sign-in and scopes. */
export interface SupergraphRules {
  /** By `Type` and by `Type.field`. */
  readonly decisions: ReadonlyMap<string, Decide>
}

/** What of an operation is guarded, and by which rules. Made once per document, which must be valid. */
export interface GuardedOperation {
  /** Every rule that the operation touches, once. */
  readonly decisions: readonly Decide[]
  /** Fields, fragments and spreads → indexes into `decisions`; all must hold. */
  readonly guards: ReadonlyMap<ASTNode, readonly number[]>
}

/**
 * Collects `@authenticated` and `@requiresScopes` from a supergraph, whatever it calls them. `@policy` is left to the
 * subgraphs, which have the data that ownership is decided by.
 */
export function collectRules(supergraph: string | DocumentNode): SupergraphRules {
  const document = typeof supergraph === 'string' ? parse(supergraph) : supergraph
  const names = directiveNamesOf(document)
  const decisions = new Map<string, Decide>()
  const bySource = new Map<string, Decide>()
  const add = (key: string, requirement: Requirement | null) => {
    if (!requirement || (!requirement.authenticated && requirement.scopes.length === 0)) return
    const source = JSON.stringify([requirement.authenticated, requirement.scopes])
    const decide = bySource.get(source) ?? createDecision({ ...requirement, policies: [] }, {})
    bySource.set(source, decide)
    decisions.set(key, decide)
  }
  const types = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true }).getTypeMap()
  for (const { name, astNode, extensionASTNodes } of Object.values(types)) {
    const nodes = [...(astNode ? [astNode] : []), ...extensionASTNodes]
    add(
      name,
      requirementOf(
        nodes.flatMap(({ directives = [] }) => directives),
        names,
      ),
    )
    for (const node of nodes)
      for (const field of 'fields' in node ? (node.fields ?? []) : [])
        if (field.kind === Kind.FIELD_DEFINITION)
          add(`${name}.${field.name.value}`, requirementOf(field.directives, names))
  }
  return { decisions }
}

/** Finds what an operation selects that rules guard: by field, by parent and returned type, by type of fragment. */
export function guardOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  { decisions: known }: SupergraphRules,
): GuardedOperation {
  const decisions: Decide[] = []
  const guards = new Map<ASTNode, number[]>()
  const guard = (node: ASTNode, keys: readonly (string | null | undefined)[]) => {
    const found = keys.flatMap((key) => (!key ? [] : (known.get(key) ?? [])))
    if (found.length === 0) return
    guards.set(
      node,
      found.map((decide) => {
        if (!decisions.includes(decide)) decisions.push(decide)
        return decisions.indexOf(decide)
      }),
    )
  }
  if (known.size === 0) return { decisions, guards }

  const fragments = fragmentsOf(document)
  const typeInfo = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const parent = typeInfo.getParentType()
        const returned = getNamedType(typeInfo.getType())
        guard(node, [
          parent?.name,
          parent && `${parent.name}.${node.name.value}`,
          // An abstract type's own rule guards it; those of the types behind it guard the fragments on them.
          returned?.name,
        ])
      },
      InlineFragment: (node) => guard(node, [node.typeCondition?.name.value]),
      FragmentSpread: (node) => guard(node, [fragments.get(node.name.value)?.typeCondition.name.value]),
    }),
  )
  return { decisions, guards }
}

/** The document's fragments by name. */
export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  )
}

/** Where the type behind an abstract position is kept while an answer is put back together. */
export const TYPENAME_ALIAS = '__access_typename'

/**
 * The document without what is denied, and without the fragments and variables that then nobody uses. Abstract
 * positions tell their type under TYPENAME_ALIAS, for `restoreDenied`.
 */
export function pruneDenied(
  schema: GraphQLSchema,
  document: DocumentNode,
  denied: (node: ASTNode) => boolean,
): DocumentNode {
  const typeInfo = new TypeInfo(schema)
  const pruned = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      enter: (node) => (denied(node) ? null : undefined),
      SelectionSet: {
        leave(node) {
          const isAbstract = isAbstractType(typeInfo.getParentType())
          if (node.selections.length > 0 && !isAbstract) return undefined
          return { ...node, selections: [...node.selections, typenameSelection] }
        },
      },
    }),
  )
  return withoutUnused(pruned)
}

const typenameSelection = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: TYPENAME_ALIAS },
  name: { kind: Kind.NAME, value: '__typename' },
} as const

function withoutUnused(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document)
  const usedFragments = new Set<string>()
  const usedVariables = new Set<string>()
  const look = (root: ASTNode) =>
    visit(root, {
      // A definition's own mention of the variable is not a use.
      VariableDefinition: () => false,
      Variable: (node) => void usedVariables.add(node.name.value),
      FragmentSpread({ name: { value: name } }) {
        const fragment = fragments.get(name)
        if (usedFragments.has(name) || !fragment) return
        usedFragments.add(name)
        look(fragment)
      },
    })
  for (const one of document.definitions) if (one.kind === Kind.OPERATION_DEFINITION) look(one)
  return {
    ...document,
    definitions: document.definitions.flatMap((one): DefinitionNode[] => {
      if (one.kind === Kind.FRAGMENT_DEFINITION) return usedFragments.has(one.name.value) ? [one] : []
      if (one.kind !== Kind.OPERATION_DEFINITION) return [one]
      const variables = one.variableDefinitions?.filter((v) => usedVariables.has(v.variable.name.value))
      return [{ ...one, variableDefinitions: variables ?? [] }]
    }),
  }
}

/** Which of the operation's rules deny this viewer, as indexes. Each is evaluated once. */
export async function deniedDecisions(
  { decisions }: GuardedOperation,
  viewer: Viewer | null,
): Promise<ReadonlySet<number>> {
  const results = await Promise.all(decisions.map((decide) => decide(null, {}, { viewer }, noInfo)))
  return new Set(results.flatMap((error, index) => (error ? [index] : [])))
}

/** Nothing runs yet, and rules about sign-in and scopes look at the viewer only. */
const noInfo = {} as GraphQLResolveInfo
