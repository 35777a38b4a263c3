import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import type { Requirement } from './requirement.ts'
import { and, or, rule, type ShieldRule } from './shield.ts'
import type { Viewer } from './viewer.ts'

/** What every rule can rely on in a context. */
export interface AccessContext {
  readonly viewer: Viewer | null
}

/** The ownership rules that `@policy` names. A name with a colon is a scope of the viewer and needs no entry. */
export type Policies<Context extends AccessContext = AccessContext> = Record<
  string,
  (parent: unknown, args: unknown, context: Context, info: GraphQLResolveInfo) => boolean | Promise<boolean>
>

/** Decides a field: null when it may be seen, else the error to give. */
export type Decide = (
  parent: unknown,
  args: unknown,
  context: AccessContext,
  info: GraphQLResolveInfo,
) => Promise<GraphQLError | null>

/** Builds the rule of a requirement from graphql-shield's own rule objects. Throws on a policy that nobody knows. */
export function createDecision(requirement: Requirement, policies: Policies): Decide {
  const combined = all([
    ...(requirement.authenticated ? [isSignedIn] : []),
    ...anyOfAll(requirement.scopes, scopeRule),
    ...anyOfAll(requirement.policies, (name) => policyRule(name, policies)),
  ])
  return async (parent, args, context, info) => {
    const result = await combined.resolve(parent, args, context, info, shieldOptions)
    return result === true ? null : denied(context.viewer)
  }
}

/** The error for what a viewer may not see: sign in first, or no. */
export function denied(viewer: Viewer | null): GraphQLError {
  return viewer === null
    ? new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } })
    : new GraphQLError('You may not do this.', { extensions: { code: 'FORBIDDEN' } })
}

const noCache = { cache: 'no_cache' } as const
const isSignedIn = rule('signed in', noCache)((_parent, _args, { viewer }) => viewer !== null)

const scopeRule = (scope: string) =>
  rule(
    `scope ${scope}`,
    noCache,
  )((_parent, _args, { viewer }) => viewer !== null && viewer.scopes.includes(scope))

function policyRule(name: string, policies: Policies): ShieldRule {
  if (name.includes(':')) return scopeRule(name)
  const policy = policies[name]
  if (!policy) throw new Error(`The schema names the policy "${name}", for which there is no rule`)
  return rule(
    `policy ${name}`,
    noCache,
  )((parent, args, context: AccessContext, info) => policy(parent, args, context, info))
}

function anyOfAll(lists: readonly (readonly string[])[], ruleOf: (name: string) => ShieldRule): ShieldRule[] {
  if (lists.length === 0) return []
  return [or(...lists.map((names) => all(names.map(ruleOf))))]
}

const all = (rules: ShieldRule[]): ShieldRule => and(...rules)

/** What graphql-shield's rules look at while they run; a rule that throws denies. */
const shieldOptions = { debug: false }
