import { directiveNamesOf, requirementOf, type Requirement, type Viewer } from '@mall/access'
import {
  buildASTSchema,
  getNamedType,
  isAbstractType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import type { EngineOperation } from '../engine/engine.ts'
import type { Admitted } from '../pipeline/pipeline.ts'
import type { SharedFields } from './config.ts'
import { checkPath, isMarkName, withMarks, type EventPaths } from './marks.ts'

/** With whom a subscription may be shared, and how it is run then. */
export interface Sharing {
  /** Clients with the same may see the same. */
  readonly key: string
  /** In whose name it is run: nobody's, unless what is selected depends on who asks. */
  readonly viewer: Viewer | null
  /** The client's, with the marks of its events (`takeMarks`). */
  readonly operation: EngineOperation
}

/** The sharing of an admitted subscription for a viewer; null: it is the client's own. */
export type SharingOf = (admitted: Admitted, viewer: Viewer | null) => Sharing | null

/** What of a document does not depend on who asks. */
interface SharedDocument {
  readonly marked: DocumentNode
  /** Something selected is `@authenticated` or `@policy`: only the viewer's own sockets see the same. */
  readonly isPersonal: boolean
  /** Something selected asks for scopes. */
  readonly needsScopes: boolean
}

/** Throws when the configuration names a root field or a path that the schema has not. */
export function createSharingOf(options: {
  readonly schema: GraphQLSchema
  readonly supergraphSdl: string
  readonly shared: SharedFields
}): SharingOf {
  const { schema } = options
  const requirements = collectRequirements(options.supergraphSdl)
  const paths = readPaths(schema, options.shared, (coordinate) => requirements.has(coordinate))
  const known = new WeakMap<DocumentNode, SharedDocument | null>()

  return ({ operation, denied, asked }, viewer) => {
    const { document } = operation
    let shared = known.get(document)
    if (shared === undefined) {
      shared = look(document)
      known.set(document, shared)
    }
    if (!shared) return null
    const speaker = speakerOf(shared, viewer)
    return {
      key: JSON.stringify([
        operation.key,
        asked.variables,
        // What was denied is told to strangers in other words than to the signed in.
        denied.size > 0 ? [viewer === null, ...[...denied].toSorted((a, b) => a - b)] : [],
        speaker,
      ]),
      viewer: speaker,
      operation: { ...operation, document: shared.marked, key: `${operation.key} marked` },
    }
  }

  function look(document: DocumentNode): SharedDocument | null {
    const root = schema.getSubscriptionType()
    const types = new TypeInfo(schema)
    const touched: Requirement[] = []
    let rootField: string | undefined
    let isClashing = false
    const touch = (...coordinates: (string | null | undefined)[]) => {
      for (const one of coordinates) touched.push(...(requirements.get(one ?? '') ?? []))
    }
    visit(
      document,
      visitWithTypeInfo(types, {
        Field({ name: { value: name }, alias }) {
          const parent = types.getParentType()
          if (parent === root) rootField = name
          if (alias && isMarkName(alias.value)) isClashing = true
          const parents = isAbstractType(parent) ? [parent, ...schema.getPossibleTypes(parent)] : [parent]
          for (const one of parents) touch(one?.name, one && `${one.name}.${name}`)
          touch(getNamedType(types.getType())?.name)
        },
      }),
    )
    const path = paths.get(rootField ?? '')
    if (!path || isClashing) return null
    return {
      marked: withMarks(schema, document, path),
      isPersonal: touched.some(({ authenticated, policies }) => authenticated || policies.length > 0),
      needsScopes: touched.some(({ scopes }) => scopes.length > 0),
    }
  }
}

/** Where only scopes are asked for, the subgraph learns those and not whose they are: nothing of one can reach another. */
function speakerOf({ isPersonal, needsScopes }: SharedDocument, viewer: Viewer | null): Viewer | null {
  if (isPersonal || viewer === null) return viewer
  return needsScopes ? { id: '', roles: [], scopes: viewer.scopes.toSorted(), sessionId: '' } : null
}

function readPaths(
  schema: GraphQLSchema,
  shared: SharedFields,
  isGuarded: (coordinate: string) => boolean,
): ReadonlyMap<string, EventPaths> {
  const fields = schema.getSubscriptionType()?.getFields() ?? {}
  return new Map(
    Object.entries(shared).map(([name, entry]) => {
      const field = fields[name]
      if (!field) throw new Error(`The configuration shares the subscription "${name}", which there is not`)
      const key = entry.key.split('.')
      const version = entry.version?.split('.')
      checkPath(field.type, key, `The key of "${name}"`, isGuarded)
      if (version) checkPath(field.type, version, `The version of "${name}"`, isGuarded)
      return [name, { key, version }]
    }),
  )
}

/** What types and fields ask of a viewer, `@policy` included, by `Type` and `Type.field`. */
function collectRequirements(supergraphSdl: string): ReadonlyMap<string, readonly Requirement[]> {
  const document = parse(supergraphSdl)
  const names = directiveNamesOf(document)
  const found = new Map<string, Requirement[]>()
  const add = (coordinate: string, directives: readonly DirectiveNode[] | undefined) => {
    const requirement = requirementOf(directives, names)
    if (requirement) found.set(coordinate, [...(found.get(coordinate) ?? []), requirement])
  }
  const types = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true }).getTypeMap()
  for (const { name, astNode, extensionASTNodes } of Object.values(types))
    for (const node of [...(astNode ? [astNode] : []), ...extensionASTNodes]) {
      add(name, node.directives)
      for (const field of 'fields' in node ? (node.fields ?? []) : [])
        add(`${name}.${field.name.value}`, field.directives)
    }
  return found
}
