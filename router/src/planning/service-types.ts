import {
  baseType,
  federationMetadata,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  parseFieldSetArgument,
  possibleRuntimeTypes,
  type Supergraph,
} from '@apollo/federation-internals'

/** What the services of a supergraph know of its types. */
export interface ServiceTypes {
  /** The type of a field without its lists. Undefined where the service has no such field. */
  fieldType(service: string, type: string, field: string): string | undefined
  /** Whether the service needs nobody to give the field. */
  isLocal(service: string, type: string, field: string): boolean
  /** How many lists are around the field's type. */
  listDepth(service: string, type: string, field: string): number
  /** What the service must be sent to give the field; undefined for nothing. */
  requiresOf(service: string, type: string, field: string): string | undefined
  /** A key by which the service can be asked for an object of a type, and that it can give itself. */
  keyOf(service: string, type: string): string | undefined
  /** The fields of each key by which the service can be asked for an object of a type, or for its @interfaceObject. */
  keysOf(service: string, type: string): readonly (readonly string[])[]
  /** The types of objects that the service may give where it says that it gives a type. */
  possibleTypes(service: string, type: string): readonly string[]
  /** Whether services know different objects of an interface or a union. */
  differs(type: string): boolean
  /** Whether any do. */
  readonly anyDiffers: boolean
}

const fieldSetText = (fields: unknown) => (typeof fields === 'string' ? fields : undefined)

export function createServiceTypes(supergraph: Supergraph): ServiceTypes {
  const schemas = new Map(
    supergraph
      .subgraphs()
      .values()
      .map(({ name, schema }) => [name, schema]),
  )
  const differing = new Set(
    supergraph.schema
      .types()
      .map(({ name }) => name)
      .filter((name) => {
        const known = [...schemas.keys()]
          .map((service) => membersOf(service, name))
          .filter((one) => one !== '')
        return new Set(known).size > 1
      }),
  )
  return {
    fieldType(service, type, name) {
      const field = fieldOf(service, type, name)
      return field?.type && baseType(field.type).name
    },
    isLocal(service, type, name) {
      const field = fieldOf(service, type, name)
      const metadata = field && federationMetadata(field.schema())
      if (!field || !metadata) return false
      return !metadata.isFieldExternal(field) && !field.hasAppliedDirective(metadata.requiresDirective())
    },
    listDepth(service, type, name) {
      return String(fieldOf(service, type, name)?.type ?? '').split('[').length - 1
    },
    requiresOf(service, type, name) {
      const field = fieldOf(service, type, name)
      const metadata = field && federationMetadata(field.schema())
      if (!field || !metadata) return undefined
      return fieldSetText(field.appliedDirectivesOf(metadata.requiresDirective())[0]?.arguments().fields)
    },
    keyOf(service, name) {
      const type = schemas.get(service)?.type(name)
      const metadata = type && federationMetadata(type.schema())
      if (!type || !metadata || !isObjectType(type)) return undefined
      return type
        .appliedDirectivesOf(metadata.keyDirective())
        .filter((key) => key.arguments().resolvable ?? true)
        .filter(
          (key) =>
            !metadata.selectionSelectsAnyExternalField(
              parseFieldSetArgument({ parentType: type, directive: key }),
            ),
        )
        .map((key) => fieldSetText(key.arguments().fields))[0]
    },
    keysOf(service, name) {
      const known = supergraph.schema.type(name)
      const interfaces = known && isObjectType(known) ? known.interfaces().map((one) => one.name) : []
      return [name, ...interfaces].flatMap((one) => resolvableKeys(service, one))
    },
    possibleTypes,
    differs: (type) => differing.has(type),
    anyDiffers: differing.size > 0,
  }

  function fieldOf(service: string, type: string, name: string) {
    const found = schemas.get(service)?.type(type)
    return found && (isObjectType(found) || isInterfaceType(found)) ? found.field(name) : undefined
  }

  function resolvableKeys(service: string, name: string): string[][] {
    const type = schemas.get(service)?.type(name)
    const metadata = type && federationMetadata(type.schema())
    if (!type || !metadata || !isCompositeType(type)) return []
    return type
      .appliedDirectivesOf(metadata.keyDirective())
      .filter((key) => key.arguments().resolvable ?? true)
      .map((directive) => parseFieldSetArgument({ parentType: type, directive }))
      .map((set) =>
        set.selections().flatMap((one) => (one.kind === 'FieldSelection' ? [one.element.name] : [])),
      )
  }

  function possibleTypes(service: string, type: string): readonly string[] {
    const found = schemas.get(service)?.type(type)
    return found && isCompositeType(found) ? possibleRuntimeTypes(found).map(({ name }) => name) : []
  }

  /** Empty where the service does not know it as an interface or a union. */
  function membersOf(service: string, type: string): string {
    const found = schemas.get(service)?.type(type)
    return found && isAbstractType(found) ? possibleTypes(service, type).toSorted().join() : ''
  }
}
