import { unauthenticated } from '@mall/service/errors'
import type { MutationResolvers } from '../generated/graphql.ts'

export const Mutation: MutationResolvers = {
  register: (_parent, { input }, { accounts }) => accounts.register(input),

  logIn: (_parent, { input }, { accounts }) => accounts.logIn(input),

  refreshSession: (_parent, { refreshToken }, { accounts }) => accounts.refresh(refreshToken),

  logOut: async (_parent, { everywhere }, { viewer, accounts }) => {
    if (!viewer) throw unauthenticated()
    await accounts.logOut({ sessionId: viewer.sessionId, userId: viewer.id }, everywhere ?? false)
    return true
  },

  setRolePermissions: (_parent, { role, permissions }, { rights }) =>
    rights.setRolePermissions(role, permissions),

  setUserRoles: (_parent, { userId, roles }, { rights }) => rights.setUserRoles(userId, roles),
}
