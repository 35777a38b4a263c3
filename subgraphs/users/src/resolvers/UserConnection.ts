import { buildConnection } from '@mall/service/connection'
import type { Connection } from '@mall/service/connection'
import type { UserRecord } from '../data/user-repository.ts'
import type { UserConnectionResolvers } from '../generated/graphql.ts'

/** A page and what it was searched by, so that the total is counted only when asked for. */
export interface UserConnectionParent extends Connection<UserRecord> {
  readonly search: string
}

export const UserConnection: UserConnectionResolvers = {
  totalCount: ({ search }, _args, { users }) => users.count(search),
}

export function createUserConnection({
  search,
  ...page
}: {
  readonly rows: readonly UserRecord[]
  readonly first: number
  readonly after: string | null | undefined
  readonly search: string
}): UserConnectionParent {
  const cursorOf = ({ createdAt, id }: UserRecord) => [createdAt.getTime(), id]
  return { ...buildConnection({ ...page, cursorOf }), search }
}
