import type { UserResolvers } from '../generated/graphql.ts'

export const User: UserResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.user.load(id),
  roles: ({ id }, _args, { loaders }) => loaders.rolesOf.load(id),
  linkedAccounts: ({ id }, _args, { loaders }) => loaders.linkedAccountsOf.load(id),
}
