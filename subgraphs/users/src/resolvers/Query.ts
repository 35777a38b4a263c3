import { decodeCursor, pageSize } from '@mall/service/connection'
import { badUserInput } from '@mall/service/errors'
import { hasControls } from '../domain/account.ts'
import type { QueryResolvers } from '../generated/graphql.ts'
import { createUserConnection } from './UserConnection.ts'

export const Query: QueryResolvers = {
  me: (_parent, _args, { viewer, loaders }) => viewer && loaders.user.load(viewer.id),

  user: (_parent, { id }, { loaders }) => loaders.user.load(id),

  users: async (_parent, args, { users }) => {
    const first = pageSize(args.first)
    const search = args.search ?? ''
    if (search.length > 200 || hasControls(search)) {
      throw badUserInput('The argument "search" is a line of at most 200 characters.')
    }
    const after = readPlace(decodeCursor(args.after, 2))
    const rows = await users.findPage({ after, limit: first + 1, search })
    return createUserConnection({ rows, first, after: args.after, search })
  },

  roles: (_parent, _args, { roles }) => roles.findRoles(),
}

function readPlace(parts: readonly (string | number)[] | null) {
  if (!parts) return null
  const createdAt = new Date(Number(parts[0]))
  if (Number.isNaN(createdAt.getTime()))
    throw badUserInput('The argument "after" is not a cursor of this list.')
  return { createdAt, id: String(parts[1]) }
}
