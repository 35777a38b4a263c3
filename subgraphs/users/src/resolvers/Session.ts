import type { SessionResolvers } from '../generated/graphql.ts'

export const Session: SessionResolvers = {
  user: async ({ userId }, _args, { loaders, signedInNow }) => {
    const user = await loaders.user.load(userId)
    if (!user) throw new Error('a session was begun for a user that does not exist')
    signedInNow.add(userId)
    return user
  },
}
