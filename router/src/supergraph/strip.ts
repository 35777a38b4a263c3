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
  return new Set(
    links
      .filter(isStrippedLink)
      .map((link) => textOf(link, 'as') ?? (textOf(link, 'url') ?? '').split('/')[3] ?? ''),
  )
}

const isStrippedLink = (node: DirectiveNode): boolean =>
  node.name.value === 'link' && strippedSpecs.test(textOf(node, 'url') ?? '')

function textOf(node: DirectiveNode, name: string): string | undefined {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}
