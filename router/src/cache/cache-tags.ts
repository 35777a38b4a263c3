import { Kind, parse, valueFromASTUntyped, type ConstDirectiveNode } from 'graphql'

/** The formats of `@cacheTag` in a supergraph, such as `product-{$key.id}`. */
export interface CacheTags {
  /** Of the entities of a type, as a subgraph answers them. */
  ofType(subgraph: string, type: string): readonly string[]
  /** Of a field of the query root, as a subgraph answers it. */
  ofField(subgraph: string, field: string): readonly string[]
}

/** Reads them from a supergraph: composition keeps a subgraph's directive as `@join__directive`. */
export function collectCacheTags(supergraphSdl: string): CacheTags {
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  const formats = new Map<string, string[]>()
  let queryType = 'Query'
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION) continue
    const query = definition.operationTypes.find(({ operation }) => operation === 'query')
    queryType = query?.type.name.value ?? queryType
  }
  const nameOf = graphNames(supergraphSdl)
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
    add(definition.name.value, definition.directives)
    if (definition.name.value !== queryType) continue
    for (const { name, directives } of definition.fields ?? []) add(`${queryType}.${name.value}`, directives)
  }
  const of = (subgraph: string, what: string) => formats.get(`${subgraph} ${what}`) ?? []
  return { ofType: of, ofField: (subgraph, field) => of(subgraph, `${queryType}.${field}`) }

  function add(what: string, directives: readonly ConstDirectiveNode[] = []): void {
    for (const { graphs, format } of directives.flatMap(readCacheTag))
      for (const graph of graphs) {
        const key = `${nameOf.get(graph) ?? graph} ${what}`
        formats.set(key, [...(formats.get(key) ?? []), format])
      }
  }
}

/** The tag of a format; undefined when it names something that is not there. */
export function fillTag(
  format: string,
  values: { readonly key: unknown } | { readonly args: unknown },
): string | undefined {
  let isWhole = true
  const tag = format.replaceAll(/\{\$([^}]+)\}/g, (_, path: string) => {
    const value = path.split('.').reduce(property, values)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return String(value)
    isWhole = false
    return ''
  })
  return isWhole ? tag : undefined
}

function readCacheTag(directive: ConstDirectiveNode): { graphs: string[]; format: string }[] {
  if (directive.name.value !== 'join__directive') return []
  const values = Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  )
  const { graphs, name, args } = values
  const format = property(args, 'format')
  if (typeof name !== 'string' || !/(^|__)cacheTag$/.test(name)) return []
  if (!Array.isArray(graphs) || typeof format !== 'string') return []
  return [{ graphs: graphs.filter((graph) => typeof graph === 'string'), format }]
}

/** Names of the subgraphs by their values of `join__Graph`. */
function graphNames(supergraphSdl: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const { name, directives } of definition.values ?? []) {
      const argument = directives?.[0]?.arguments?.find((one) => one.name.value === 'name')
      if (argument?.value.kind === Kind.STRING) names.set(name.value, argument.value.value)
    }
  }
  return names
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}
