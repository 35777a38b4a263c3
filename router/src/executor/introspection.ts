import {
  executeSync,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { collectFields, type CollectDeps } from './collect-fields.ts'
import type { JsonObject } from './json.ts'

/** Answers what an operation asks of the schema itself. */
export type Introspect = (variables: Readonly<JsonObject>) => (key: string) => unknown

/** Undefined when the operation asks nothing of the schema. graphql-js answers, once for each run. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  deps: CollectDeps,
): Introspect | undefined {
  const root = schema.getQueryType()
  if (!root || operation.operation !== 'query') return undefined
  const fields = [...collectFields(deps, root.name, [operation.selectionSet])].flatMap(([, nodes]) =>
    nodes.filter(({ name }) => name.value === '__schema' || name.value === '__type'),
  )
  if (fields.length === 0) return undefined
  const asked: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  }
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [asked, ...deps.fragments.values()] }
  return (variables) => {
    let answer: JsonObject | undefined
    return (key) => {
      answer ??= executeSync({ schema, document, rootValue: {}, variableValues: variables }).data ?? {}
      return answer[key] ?? null
    }
  }
}
