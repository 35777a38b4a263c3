import type { ConstDirectiveNode, ConstValueNode, DirectiveNode, DocumentNode } from 'graphql'

/**
 * What a field asks of who selects it; all three must hold. `scopes` and `policies` are as in the schema: one of the
 * outer list must be had, and of it all.
 */
export interface Requirement {
  authenticated: boolean
  scopes: readonly (readonly string[])[]
  policies: readonly (readonly string[])[]
}

/** The names under which a schema applies the three directives; absent where it does not import them. */
export interface DirectiveNames {
  authenticated: string
  requiresScopes: string
  policy: string
}

const federationUrl = /^https:\/\/specs\.apollo\.dev\/federation\//
const ownSpecs = {
  authenticated: /^https:\/\/specs\.apollo\.dev\/authenticated\//,
  requiresScopes: /^https:\/\/specs\.apollo\.dev\/requiresScopes\//,
  policy: /^https:\/\/specs\.apollo\.dev\/policy\//,
} as const

/** Finds how a document calls the directives, by the URLs of its `@link`s: `as` and `import` may rename them. */
export function directiveNamesOf(document: DocumentNode): DirectiveNames {
  const names: DirectiveNames = {
    authenticated: 'federation__authenticated',
    requiresScopes: 'federation__requiresScopes',
    policy: 'federation__policy',
  }
  for (const link of linksOf(document)) {
    if (federationUrl.test(link.url)) {
      const prefix = link.as ?? 'federation'
      for (const name of keys) names[name] = link.imports.get(`@${name}`)?.slice(1) ?? `${prefix}__${name}`
    }
    for (const name of keys) {
      if (!ownSpecs[name].test(link.url)) continue
      names[name] = link.imports.get(`@${name}`)?.slice(1) ?? link.as ?? name
    }
  }
  return names
}

/** Reads what directives ask for; null when nothing. */
export function requirementOf(
  directives: readonly DirectiveNode[] | undefined,
  names: DirectiveNames,
): Requirement | null {
  const named = (name: string) => directives?.find((directive) => directive.name.value === name)
  const scopes = listsOf(named(names.requiresScopes), 'scopes')
  const policies = listsOf(named(names.policy), 'policies')
  const authenticated = named(names.authenticated) !== undefined
  return authenticated || scopes.length > 0 || policies.length > 0
    ? { authenticated, scopes, policies }
    : null
}

const keys = ['authenticated', 'requiresScopes', 'policy'] as const

function listsOf(directive: DirectiveNode | undefined, argument: string): string[][] {
  const value = directive?.arguments?.find((one) => one.name.value === argument)?.value
  if (!value || value.kind !== 'ListValue') return []
  return value.values.map((inner) =>
    inner.kind === 'ListValue'
      ? inner.values.flatMap((one) => (one.kind === 'StringValue' ? [one.value] : []))
      : [],
  )
}

interface Link {
  url: string
  as: string | null
  imports: Map<string, string>
}

function linksOf(document: DocumentNode): Link[] {
  return document.definitions
    .filter((definition) => definition.kind === 'SchemaDefinition' || definition.kind === 'SchemaExtension')
    .flatMap(({ directives = [] }) => directives)
    .filter((directive) => directive.name.value === 'link')
    .map(linkOf)
}

function linkOf(directive: ConstDirectiveNode): Link {
  const argument = (name: string) => directive.arguments?.find((one) => one.name.value === name)?.value
  const imports = argument('import')
  return {
    url: textOf(argument('url')) ?? '',
    as: textOf(argument('as')),
    imports: new Map(imports?.kind === 'ListValue' ? imports.values.flatMap(importOf) : []),
  }
}

/** `"@key"`, or `{ name: "@key", as: "@primaryKey" }`: the name in the specification and the name here. */
function importOf(value: ConstValueNode): [string, string][] {
  if (value.kind === 'StringValue') return [[value.value, value.value]]
  if (value.kind !== 'ObjectValue') return []
  const field = (key: string) => textOf(value.fields.find(({ name }) => name.value === key)?.value)
  const name = field('name')
  return name === null ? [] : [[name, field('as') ?? name]]
}

const textOf = (value: ConstValueNode | undefined) => (value?.kind === 'StringValue' ? value.value : null)
