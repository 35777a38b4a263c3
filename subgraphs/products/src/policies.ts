import type { Policies } from '@mall/access'
import type { Context } from './context.ts'

/** This subgraph's schema names no ownership rule: its fields are public or guarded by scopes. */
export const policies: Policies<Context> = {}
