import {
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isUnionType,
  Kind,
  NoUnusedFragmentsRule,
  print,
  separateOperations,
  specifiedRules,
  TypeInfo,
  typeFromAST,
  validate,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
  isInputType,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { faultAtNode } from './fault.ts'

/** An operation of the partners' folder, valid in the graph, with one root field. */
export interface PartnerOperation {
  readonly name: string
  readonly definition: OperationDefinitionNode
  /** With the fragments that it uses, and `__typename` wherever a type is not known before. */
  readonly document: DocumentNode
  readonly text: string
  readonly root: FieldNode
  readonly rootType: GraphQLObjectType
  readonly rootField: GraphQLField<unknown, unknown>
  readonly variables: ReadonlyMap<string, PartnerVariable>
  /** Members of the root field's type by what they mean; without a union or interface both are empty. */
  readonly errors: readonly GraphQLObjectType[]
  readonly successes: readonly GraphQLObjectType[]
}

export interface PartnerVariable {
  readonly type: GraphQLInputType
  /** JSON; undefined without one. */
  readonly defaultValue: unknown
  /** Of the argument or input field that takes it. */
  readonly description: string | null | undefined
}

/** Checks all operations against the graph. Throws ConfigError with file and line of the first fault. */
export function readOperations(
  document: DocumentNode,
  schema: GraphQLSchema,
  errorInterface: string,
): ReadonlyMap<string, PartnerOperation> {
  const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule)
  const [invalid] = validate(schema, document, rules)
  if (invalid) throw faultAtNode(invalid.nodes?.[0], invalid.message)
  const documents = separateOperations(withTypenames(document, schema))
  const definitions = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  return new Map(
    definitions.map((definition) => {
      const name = definition.name?.value
      if (name === undefined) throw faultAtNode(definition, 'The operation needs a name.')
      const own = documents[name] ?? document
      return [name, readOperation(name, definition, own, schema, errorInterface)]
    }),
  )
}

function readOperation(
  name: string,
  source: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
  errorInterface: string,
): PartnerOperation {
  const definition = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION) ?? source
  const rootType = schema.getRootType(definition.operation)
  const [root, ...others] = definition.selectionSet.selections
  if (definition.operation === 'subscription')
    throw faultAtNode(source, `${name} is a subscription, which has no route.`)
  if (root?.kind !== Kind.FIELD || others.length > 0)
    throw faultAtNode(source, `${name} must select exactly one root field: its value is the answer.`)
  const rootField = rootType?.getFields()[root.name.value]
  if (!rootType || !rootField) throw faultAtNode(source, `${name} selects no field of the graph's own.`)
  const members = membersOf(rootField, schema)
  const isError = (type: GraphQLObjectType) => type.getInterfaces().some((one) => one.name === errorInterface)
  return {
    name,
    definition,
    document,
    text: print(document),
    root,
    rootType,
    rootField,
    variables: readVariables(definition, document, schema),
    errors: members.filter(isError),
    successes: members.filter((member) => !isError(member)),
  }
}

function membersOf(field: GraphQLField<unknown, unknown>, schema: GraphQLSchema) {
  const type = getNamedType(field.type)
  return isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type) : []
}

/** Who answers must be told apart from the answer: at abstract places the type's name is always asked for. */
function withTypenames(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const typeInfo = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(typeInfo, {
      SelectionSet: {
        leave(node) {
          const isAsked = node.selections.some(
            (one) => one.kind === Kind.FIELD && one.name.value === '__typename' && !one.alias,
          )
          if (!isAbstractType(typeInfo.getParentType()) || isAsked) return undefined
          return { ...node, selections: [typenameField, ...node.selections] }
        },
      },
    }),
  )
}

const typenameField = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const

function readVariables(
  definition: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): ReadonlyMap<string, PartnerVariable> {
  const uses = usesOf(document, schema)
  return new Map(
    (definition.variableDefinitions ?? []).flatMap((node) => {
      const name = node.variable.name.value
      const type = typeFromAST(schema, node.type)
      if (!isInputType(type)) return []
      const own = node.defaultValue && valueFromASTUntyped(node.defaultValue)
      const used = uses.get(name)
      // The argument's default counts where the variable may be left out.
      const defaultValue = own ?? (isNonNullType(type) ? undefined : used?.defaultValue)
      return [[name, { type, defaultValue, description: used?.description }]]
    }),
  )
}

/** Where each variable goes, which says what it means. */
function usesOf(document: DocumentNode, schema: GraphQLSchema) {
  const uses = new Map<string, { description?: string | null | undefined; defaultValue?: unknown }>()
  const typeInfo = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Variable(node, _key, parent) {
        // Its own definition is not a use.
        if (parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION) return
        const inObject = parent && 'kind' in parent && parent.kind === Kind.OBJECT_FIELD
        const container = inObject ? getNamedType(typeInfo.getParentInputType()) : null
        const field =
          inObject && isInputObjectType(container)
            ? container.getFields()[parent.name.value]
            : typeInfo.getArgument()
        if (field && !uses.has(node.name.value)) uses.set(node.name.value, field)
      },
    }),
  )
  return uses
}
