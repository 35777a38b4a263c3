import { Kind, parse, print, visit, type DirectiveNode, type DocumentNode } from 'graphql'

/** What ApolloGateway refuses to load ("for: SECURITY but is unsupported") though it need not know it. */
const strippedSpecs = /^https:\/\/specs\.apollo\.dev\/(authenticated|requiresScopes|policy|cacheTag)\//

/**
 * The supergraph without the directives that the router enforces itself: their links, applications, definitions and
 * `<name>__*` types. Finds them by the URL of their `@link`, so `as` may have renamed them.
 */
export function stripSupergraph(supergraphSdl: string): string {
  const document = parse(supergraphSdl, { noLocation: true })
  const names = strippedNames(document)
  if (names.size === 0) return supergraphSdl
  const isStripped = (name: string) => names.has(name) || names.has(name.split('__')[0] ?? '')
  const drop = (node: { readonly name: { readonly value: string } }) =>
    isStripped(node.name.value) ? null : undefined
  return print(
    visit(document, {
      Directive: (node) => (isStripped(node.name.value) || isStrippedLink(node) ? null : undefined),
      DirectiveDefinition: drop,
      ScalarTypeDefinition: drop,
      EnumTypeDefinition: drop,
      InputObjectTypeDefinition: drop,
    }),
  )
}

function strippedNames(document: DocumentNode): Set<string> {
  const links = document.definitions.flatMap((one) =>
    one.kind === Kind.SCHEMA_DEFINITION || one.kind === Kind.SCHEMA_EXTENSION ? (one.directives ?? []) : [],
  )
  // The link's own name is the prefix of its types; imports may call the directives otherwise.
  return new Set(links.filter(isStrippedLink).flatMap((link) => [ownName(link), ...importedNames(link)]))
}

const ownName = (link: DirectiveNode) => textOf(link, 'as') ?? (textOf(link, 'url') ?? '').split('/')[3] ?? ''

function importedNames(link: DirectiveNode): string[] {
  const value = link.arguments?.find((argument) => argument.name.value === 'import')?.value
  if (value?.kind !== Kind.LIST) return []
  return value.values
    .flatMap((one) => {
      if (one.kind === Kind.STRING) return [one.value]
      const fields = one.kind === Kind.OBJECT ? one.fields : []
      const named =
        fields.find(({ name }) => name.value === 'as') ?? fields.find(({ name }) => name.value === 'name')
      return named?.value.kind === Kind.STRING ? [named.value.value] : []
    })
    .map((name) => name.replace(/^@/, ''))
}

const isStrippedLink = (node: DirectiveNode): boolean =>
  node.name.value === 'link' && strippedSpecs.test(textOf(node, 'url') ?? '')

function textOf(node: DirectiveNode, name: string): string | undefined {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}
