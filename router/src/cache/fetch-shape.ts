import {
  BREAK,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
  visit,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
} from 'graphql'

/** What a fetch asks, as far as keeping its answer goes. Null for what is not to be kept. */
export type FetchShape =
  | { readonly kind: 'entities'; readonly fields: readonly EntityField[] }
  | { readonly kind: 'root'; readonly fields: readonly RootField[] }

/** A field `_entities`; joined fetches have several. */
export interface EntityField {
  readonly responseKey: string
  /** The variable with its representations. */
  readonly variable: string
  /** Says which fields are asked, the same for every operation that asks the same. */
  readonly selection: string
  /** Variables beside the representations. */
  readonly variables: readonly string[]
}

export interface RootField {
  readonly name: string
  readonly argsOf: (variables: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
}

/** `guarded` are the names of fields that are never kept. */
export function readFetchShape(query: string, guarded: ReadonlySet<string>): FetchShape | null {
  const document = parse(query, { noLocation: true })
  if (asksFor(guarded, document)) return null
  const [operation, ...others] = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operation?.operation !== 'query' || others.length > 0) return null
  const selections = operation.selectionSet.selections
  const fields = selections.filter((selection) => selection.kind === Kind.FIELD)
  if (fields.length < selections.length) return null
  const entities = fields.filter(({ name }) => name.value === '_entities')
  if (entities.length === 0) return { kind: 'root', fields: fields.map(readRootField) }
  if (entities.length < fields.length) return null
  const read = entities.flatMap((field) => readEntityField(field, document))
  return read.length === entities.length ? { kind: 'entities', fields: read } : null
}

function asksFor(names: ReadonlySet<string>, document: DocumentNode): boolean {
  let isFound = false
  visit(document, {
    Field({ name }) {
      if (!names.has(name.value)) return undefined
      isFound = true
      return BREAK
    },
  })
  return isFound
}

function readRootField({ name, arguments: args = [] }: FieldNode): RootField {
  return {
    name: name.value,
    argsOf: (variables) =>
      Object.fromEntries(
        args.map((one) => [one.name.value, valueFromASTUntyped(one.value, { ...variables })]),
      ),
  }
}

function readEntityField(field: FieldNode, document: DocumentNode): EntityField[] {
  const value = field.arguments?.[0]?.value
  if (value?.kind !== Kind.VARIABLE || !field.selectionSet) return []
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  return [
    {
      responseKey: field.alias?.value ?? field.name.value,
      variable: value.name.value,
      selection: [field.selectionSet, ...fragments].map((node) => print(node)).join('\n'),
      variables: [field.selectionSet, ...fragments].flatMap(variablesIn),
    },
  ]
}

function variablesIn(node: ASTNode): string[] {
  const names: string[] = []
  visit(node, { Variable: ({ name }) => void names.push(name.value) })
  return names
}
