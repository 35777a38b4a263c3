import type { ApolloServerPlugin } from '@apollo/server'
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql'

/** Seconds; `Infinity` for what takes over that of what it is in. */
type MaxAge = number

const uncacheable = new WeakSet<object>()

/** Says of what is answered with this context that it may not be kept, whatever the schema allows. */
export const forbidCaching = (context: object): void => void uncacheable.add(context)

/**
 * Tells by `Cache-Control` for how long an answer may be kept and given to anybody. Answers to mutations, with errors, or
 * with something in them that may not be kept say nothing.
 */
export function createCacheControl<Context extends object>(
  schema: GraphQLSchema,
): ApolloServerPlugin<Context> {
  const known = new WeakMap<DocumentNode, MaxAge>()
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ document, operation, contextValue, response: { body, http } }) => {
          const isKept =
            operation?.operation === 'query' &&
            body.kind === 'single' &&
            !body.singleResult.errors &&
            !uncacheable.has(contextValue)
          const maxAge = isKept && document ? remembered(document) : 0
          if (maxAge > 0) http.headers.set('cache-control', `max-age=${maxAge}, public`)
          return Promise.resolve()
        },
      }),
  }

  function remembered(document: DocumentNode): MaxAge {
    const maxAge = known.get(document) ?? maxAgeOf(schema, document)
    known.set(document, maxAge)
    return maxAge
  }
}

/**
 * For how many seconds what a document asks may be kept, by `@cacheControl` of its fields and their types; the shortest
 * counts. As with Apollo Server, scalars take over the age of what they are in, objects and root fields without a hint are
 * never kept; unlike there it is worked out once for a document and not for each value. Guarded fields are never kept.
 */
export function maxAgeOf(schema: GraphQLSchema, document: DocumentNode): MaxAge {
  const root = schema.getQueryType()
  const typeInfo = new TypeInfo(schema)
  const ages: MaxAge[] = []
  // What is selected of an entity stands in a fragment on its type.
  const countCondition = () => {
    const type = getNamedType(typeInfo.getType())
    if (type && type !== root) ages.push(ageOfType(type))
  }
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      InlineFragment: countCondition,
      FragmentDefinition: countCondition,
      Field({ name }) {
        const field = typeInfo.getFieldDef()
        if (name.value === '__typename') return
        const parent = typeInfo.getParentType()
        // Which type an interface stands for is not known here, nor whether the field is guarded there.
        ages.push(field && !isInterfaceType(parent) ? ageOfField(field, parent === root) : 0)
      },
    }),
  )
  const maxAge = Math.min(...ages)
  return Number.isFinite(maxAge) ? maxAge : 0
}

function ageOfField(field: GraphQLField<unknown, unknown>, isRoot: boolean): MaxAge {
  if (field.extensions.isGuarded) return 0
  if (isRoot && field.name === '_entities') return Infinity
  const own = hintOf(field.astNode?.directives)
  if (own !== undefined) return own
  const type = getNamedType(field.type)
  if (isCompositeType(type)) return ageOfType(type)
  return isRoot ? 0 : Infinity
}

const ageOfType = (type: GraphQLNamedType): MaxAge =>
  hintOf([type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? [])) ?? 0

function hintOf(directives: readonly DirectiveNode[] = []): MaxAge | undefined {
  const args = directives.find(({ name }) => name.value === 'cacheControl')?.arguments ?? []
  for (const { name, value } of args) {
    if (name.value === 'maxAge' && value.kind === 'IntValue') return Number(value.value)
    if (name.value === 'inheritMaxAge' && value.kind === 'BooleanValue' && value.value) return Infinity
  }
  return undefined
}
