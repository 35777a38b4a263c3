import {
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'

/** What an event is the state of, and how new. */
export interface Marks {
  readonly key: string | undefined
  readonly version: unknown
}

type Path = readonly string[]

/** Where the events of a root field say it, in fields below that field. */
export interface EventPaths {
  readonly key: Path
  readonly version: Path | undefined
}

const KEY = '__shared_key'
const VERSION = '__shared_version'

/** Adds key and version to what an operation selects of its root field, under names that the client does not use. */
export function withMarks(
  schema: GraphQLSchema,
  document: DocumentNode,
  { key, version }: EventPaths,
): DocumentNode {
  const marks = [selectionOf(KEY, key), ...(version ? [selectionOf(VERSION, version)] : [])]
  const root = schema.getSubscriptionType()
  const types = new TypeInfo(schema)
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        leave(node) {
          if (types.getParentType() !== root || !node.selectionSet) return undefined
          const selections = [...node.selectionSet.selections, ...marks]
          return { ...node, selectionSet: { ...node.selectionSet, selections } }
        },
      },
    }),
  )
}

/** Whether a response key could be one of the marks. */
export const isMarkName = (name: string) => name.startsWith('__shared_')

/** Takes the marks out of an answer. Without a key, as in an event that failed, the event stands for itself. */
export function takeMarks(result: ExecutionResult): {
  readonly result: ExecutionResult
  readonly marks: Marks
} {
  const [field] = Object.entries(result.data ?? {})
  if (!field || !isRecord(field[1])) return { result, marks: none }
  const { [KEY]: key, [VERSION]: version, ...rest } = field[1]
  const found = innermost(key)
  const errors = result.errors?.filter(({ path = [] }) => !path.some((part) => isMarkName(String(part))))
  return {
    result: { data: { [field[0]]: rest }, ...(errors?.length ? { errors } : {}) },
    marks: isScalar(found) ? { key: String(found), version: innermost(version) } : none,
  }
}

const none: Marks = { key: undefined, version: undefined }

/** Throws when a path does not lead over objects, and fields that anyone may see, to a value. */
export function checkPath(
  type: GraphQLOutputType,
  path: Path,
  what: string,
  isGuarded: (coordinate: string) => boolean,
): void {
  const nullable = isNonNullType(type) ? type.ofType : type
  const [name, ...rest] = path
  if (name === undefined) {
    if (!isLeafType(nullable)) throw new Error(`${what} is not a single value`)
    return
  }
  const parent = isObjectType(nullable) || isInterfaceType(nullable) ? nullable : undefined
  const field = parent?.getFields()[name]
  if (!parent || !field || field.args.some((argument) => isNonNullType(argument.type)))
    throw new Error(`${what} cannot be followed at "${name}"`)
  if (isGuarded(parent.name) || isGuarded(`${parent.name}.${name}`))
    throw new Error(`${what} leads over "${name}", which not everyone may see`)
  checkPath(field.type, rest, what, isGuarded)
}

/** `sku.id` as `__shared_key: sku { __shared_key: id }`. */
function selectionOf(alias: string, [name = '', ...rest]: Path): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: alias },
    name: { kind: Kind.NAME, value: name },
    ...(rest.length > 0
      ? { selectionSet: { kind: Kind.SELECTION_SET, selections: [selectionOf(alias, rest)] } }
      : {}),
  }
}

function innermost(value: unknown): unknown {
  if (!isRecord(value)) return value
  return innermost(Object.values(value)[0])
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isScalar = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
