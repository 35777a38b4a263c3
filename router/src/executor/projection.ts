import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type FieldNode,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql'
import { collectFields, type CollectDeps } from './collect-fields.ts'
import { getOwn, isInherited, isJsonObject, setOwn, type JsonObject, type Path } from './json.ts'
import { createCompleteLeaf } from './leaves.ts'

/** Shapes what services answered into what the client asked for. */
export interface Projection {
  /** Whether anything of it must come from a service. */
  readonly needsData: boolean
  /** Null when a null where none may be reaches the root. Tells `state` of every value that is not of its type. */
  complete(data: JsonObject, state: ProjectionState): JsonObject | null
  /** As much of a path in `data` as the client asked for, by the client's names. */
  clientPath(data: JsonObject, path: Path): Path
}

export interface ProjectionState {
  /** Where in the answer we are; the same array all the time, which is much cheaper than one for every field. */
  readonly path: (string | number)[]
  /** Called where a value is not of its type; `path` says where. */
  tell(problem: string): void
  /** How often something was told. */
  told: number
  /** The value of `__schema` or `__type` under a response key. */
  introspect(key: string): unknown
}

/** Compiles the projection of an operation on a root type, for one set of values of its @skip and @include. */
export function compileProjection(root: string, set: SelectionSetNode, deps: CollectDeps): Projection {
  const shape = createShape(root, [set], deps)
  return {
    needsData: shape.fields().some(({ kind }) => kind === 'value'),
    complete: (data, state) => completeObject(shape, data, state),
    clientPath: (data, path) => clientPath(shape, data, path),
  }
}

/** What is asked of objects of one type. Fields are worked out when the first such object comes. */
interface Shape {
  readonly typename: string
  /** A subgraph could only say of which interface the object is. */
  readonly isAbstract: boolean
  readonly fields: () => readonly ShapeField[]
}

interface ShapeField {
  readonly key: string
  /** The key in what services answered. */
  readonly source: string
  /** One of the keys could be found on any object: only an object's own counts. */
  readonly isInherited: boolean
  readonly kind: 'value' | 'typename' | 'introspection'
  readonly type: CompiledType
}

/** Completes a value that is not null; null when it is not of the type, which was told then. */
interface CompiledType {
  readonly isNonNull: boolean
  readonly complete: (value: unknown, state: ProjectionState) => unknown
  /** The shapes that an object at a position of this type may have: one, unless it did not come. */
  readonly shapesOf: (value: unknown) => readonly Shape[]
}

function createShape(typename: string, sets: readonly SelectionSetNode[], deps: CollectDeps): Shape {
  let fields: readonly ShapeField[] | undefined
  return {
    typename,
    isAbstract: !isObjectType(deps.schema.getType(typename)),
    fields: () =>
      (fields ??= [...collectFields(deps, typename, sets)].map(([key, nodes]) =>
        createField(typename, key, nodes, deps),
      )),
  }
}

function createField(
  typename: string,
  key: string,
  nodes: readonly FieldNode[],
  deps: CollectDeps,
): ShapeField {
  const name = nodes[0]?.name.value ?? ''
  const source = nodes[0] ? deps.sourceKeyOf(nodes[0]) : key
  const type = deps.schema.getType(typename)
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  return {
    key,
    source,
    isInherited: isInherited(key) || isInherited(source),
    kind: name === '__typename' ? 'typename' : field ? 'value' : 'introspection',
    type: field ? compileType(field.type, sets, deps) : { ...passed, isNonNull: name === '__typename' },
  }
}

const passed: CompiledType = { isNonNull: false, complete: (value) => value, shapesOf: () => [] }

function compileType(
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  deps: CollectDeps,
): CompiledType {
  if (isNonNullType(type)) return { ...compileType(type.ofType, sets, deps), isNonNull: true }
  if (isListType(type)) return compileList(compileType(type.ofType, sets, deps))
  if (isLeafType(type)) {
    const completeLeaf = createCompleteLeaf(type)
    const complete = (value: unknown, state: ProjectionState) => {
      const completed = completeLeaf(value)
      if (completed !== undefined) return completed
      state.tell(`a value is not of the type ${type.name}`)
      return null
    }
    return { isNonNull: false, complete, shapesOf: () => [] }
  }
  return compileComposite(getNamedType(type).name, sets, deps)
}

function compileList(item: CompiledType): CompiledType {
  const complete = (value: unknown, state: ProjectionState) => {
    if (!Array.isArray(value)) {
      state.tell('a value is no list')
      return null
    }
    let isBroken = false
    const items: unknown[] = []
    for (let index = 0; index < value.length; index += 1) {
      state.path.push(index)
      const completed = completeNullable(item, value[index], state)
      if (completed === null && item.isNonNull) isBroken = true
      items.push(completed)
      state.path.pop()
    }
    return isBroken ? null : items
  }
  return { isNonNull: false, complete, shapesOf: item.shapesOf }
}

function compileComposite(
  declared: string,
  sets: readonly SelectionSetNode[],
  deps: CollectDeps,
): CompiledType {
  const shapes = new Map<unknown, Shape>()
  const shapeFor = (typename: string): Shape => {
    const known = shapes.get(typename)
    if (known) return known
    const shape = createShape(typename, sets, deps)
    shapes.set(typename, shape)
    return shape
  }
  const type = deps.schema.getType(declared)
  const own = shapeFor(declared)
  const shapeOf = isObjectType(type)
    ? () => own
    : (value: JsonObject) => {
        const typename = value.__typename ?? declared
        const known = shapes.get(typename)
        if (known) return known
        const actual = typeof typename === 'string' ? deps.schema.getType(typename) : undefined
        return isObjectType(actual) || isInterfaceType(actual) ? shapeFor(actual.name) : undefined
      }
  const complete = (value: unknown, state: ProjectionState) => {
    const shape = isJsonObject(value) ? shapeOf(value) : undefined
    if (isJsonObject(value) && shape) return completeObject(shape, value, state)
    state.tell(`a value is no object of the type ${declared}`)
    return null
  }
  const shapesOf = (value: unknown) => {
    if (isJsonObject(value)) return [shapeOf(value)].filter((shape) => shape !== undefined)
    return isAbstractType(type) ? deps.schema.getPossibleTypes(type).map(({ name }) => shapeFor(name)) : [own]
  }
  return { isNonNull: false, complete, shapesOf }
}

function completeObject(shape: Shape, object: JsonObject, state: ProjectionState): JsonObject | null {
  const output: JsonObject = {}
  for (const field of shape.fields()) {
    const { key } = field
    state.path.push(key)
    const completed =
      field.kind === 'value'
        ? completeNullable(
            field.type,
            field.isInherited ? getOwn(object, field.source) : object[field.source],
            state,
          )
        : completeMeta(field, shape, state)
    if (completed === null && field.type.isNonNull) {
      state.path.pop()
      return null
    }
    state.path.pop()
    if (field.isInherited) setOwn(output, key, completed)
    else output[key] = completed
  }
  return output
}

function completeNullable(type: CompiledType, value: unknown, state: ProjectionState): unknown {
  const before = state.told
  const completed = value === null || value === undefined ? null : type.complete(value, state)
  if (completed === null && type.isNonNull && state.told === before) state.tell('null where none may be')
  return completed
}

function completeMeta({ kind, key }: ShapeField, shape: Shape, state: ProjectionState): unknown {
  if (kind === 'introspection') return state.introspect(key)
  if (!shape.isAbstract) return shape.typename
  state.tell(`nobody says which ${shape.typename} an object is`)
  return null
}

function clientPath(root: Shape, data: JsonObject, path: Path): Path {
  const told: (string | number)[] = []
  let shapes: readonly Shape[] = [root]
  let types: readonly CompiledType[] = []
  let value: unknown = data
  for (const [index, part] of path.entries()) {
    if (typeof part === 'number') {
      value = Array.isArray(value) ? value[part] : undefined
      told.push(part)
      continue
    }
    if (index > 0) shapes = types.flatMap((type) => type.shapesOf(value))
    const fields = shapes.flatMap((shape) => shape.fields().filter(({ source }) => source === part))
    const [first] = fields
    if (!first) return told
    types = fields.map(({ type }) => type)
    value = isJsonObject(value) ? getOwn(value, part) : undefined
    told.push(first.key)
  }
  return told
}
