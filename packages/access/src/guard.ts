import {
  defaultFieldResolver,
  isObjectType,
  Kind,
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { directiveNamesOf, requirementOf, type DirectiveNames } from './requirement.ts'
import { createDecision, type AccessContext, type Decide, type Policies } from './rules.ts'

/**
 * Wraps the resolver of every field that `@authenticated`, `@requiresScopes` or `@policy` guards, by itself or by its
 * type. What is denied becomes null with an error at its path, however it was reached (`_entities` included).
 * Guarded fields say so in their `extensions.isGuarded`: what is given to one viewer may not be kept for others.
 * Throws when the schema names a policy that has no rule.
 */
export function guardSchema<Context extends AccessContext>(
  schema: GraphQLSchema,
  policies: Policies<Context>,
): GraphQLSchema {
  const names = directiveNamesOf(linksDocumentOf(schema))
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const isSubscription = type === schema.getSubscriptionType()
    // The policies see the context that the subgraph itself makes, which is theirs.
    // The schema does not know its context's type; the subgraph that made both does.
    const fields = Object.values(type.getFields()) as GraphQLField<unknown, AccessContext>[]
    for (const field of fields) guardField(type, field, names, policies as Policies, isSubscription)
  }
  return schema
}

function guardField(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, AccessContext>,
  names: DirectiveNames,
  policies: Policies,
  isSubscription: boolean,
): void {
  const typeNodes = [type.astNode, ...type.extensionASTNodes]
  const decisions = [
    requirementOf(field.astNode?.directives, names),
    requirementOf(
      typeNodes.flatMap((node) => node?.directives ?? []),
      names,
    ),
  ]
    .filter((requirement) => requirement !== null)
    .map((requirement) => createDecision(requirement, policies))
  if (decisions.length === 0) return
  field.extensions = { ...field.extensions, isGuarded: true }
  if (isSubscription && field.subscribe) field.subscribe = guarded(field.subscribe, decisions)
  else field.resolve = guarded(field.resolve ?? defaultFieldResolver, decisions)
}

type Resolver = NonNullable<GraphQLField<unknown, AccessContext>['resolve']>

function guarded(resolver: Resolver, decisions: readonly Decide[]): Resolver {
  return async (parent, args, context, info) => {
    for (const decide of decisions) {
      const error = await decide(parent, args, context, info)
      if (error) throw error
    }
    const result: unknown = await resolver(parent, args, context, info)
    return result
  }
}

function linksDocumentOf(schema: GraphQLSchema): DocumentNode {
  const nodes = schema.astNode ? [schema.astNode, ...schema.extensionASTNodes] : [...schema.extensionASTNodes]
  return { kind: Kind.DOCUMENT, definitions: nodes }
}
