import type { Policies } from '@mall/access'
import type { Context } from './context.ts'

/** The ownership rules of this subgraph's schema: `self` is the user whose field it is. */
export const policies: Policies<Context> = {
  self: (parent, _args, { viewer, signedInNow }) => {
    const id = typeof parent === 'object' && parent !== null && 'id' in parent ? parent.id : null
    return typeof id === 'string' && (id === viewer?.id || signedInNow.has(id))
  },
}
