import { createRequire } from 'node:module'
import type { GraphQLResolveInfo } from 'graphql'
import type { AccessContext } from './rules.ts'

/** One of graphql-shield's rule objects, plain or combined: true, or false or an Error when it denies. */
export interface ShieldRule {
  resolve(
    parent: unknown,
    args: unknown,
    context: AccessContext,
    info: GraphQLResolveInfo,
    options: object,
  ): Promise<boolean | Error>
}

type Check = (
  parent: unknown,
  args: unknown,
  context: AccessContext,
  info: GraphQLResolveInfo,
) => boolean | Promise<boolean>

/** What we use of graphql-shield; its own types ask for a cache in the context that rules without cache never touch. */
interface Shield {
  and(...rules: ShieldRule[]): ShieldRule
  or(...rules: ShieldRule[]): ShieldRule
  rule(name: string, options: { cache: 'no_cache' }): (check: Check) => ShieldRule
}

// graphql-shield 7.6.5 cannot be imported on Node 24: its ES module build uses a function of node:util that is gone.
// Its CommonJS build works, except for `chain` and `race`, which we do not use.
const shield = createRequire(import.meta.url)('graphql-shield') as Shield

/** graphql-shield's own combinators and rule maker. */
export const { and, or, rule } = shield
