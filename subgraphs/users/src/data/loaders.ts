import DataLoader from 'dataloader'
import type { Database } from './database.ts'
import type { RoleRecord, RightsRepository } from './rights-repository.ts'
import type { UserRecord, UserRepository } from './user-repository.ts'

export interface LinkedAccountRecord {
  readonly provider: string
  readonly linkedAt: Date
}

export interface Loaders {
  readonly user: DataLoader<string, UserRecord | null>
  /** By user id. */
  readonly rolesOf: DataLoader<string, RoleRecord[]>
  /** By user id. */
  readonly linkedAccountsOf: DataLoader<string, LinkedAccountRecord[]>
}

/** Fresh per request: within one answer each thing is read once, and never served to the next viewer. */
export function createLoaders({
  db,
  users,
  rights,
}: {
  readonly db: Database
  readonly users: UserRepository
  readonly rights: RightsRepository
}): Loaders {
  return {
    user: new DataLoader(async (ids) => {
      const found = new Map((await users.findByIds(ids)).map((user) => [user.id, user]))
      return ids.map((id) => found.get(id) ?? null)
    }),

    rolesOf: new DataLoader(async (ids) => {
      const [roles, given] = await Promise.all([
        rights.findRoles(),
        db.userRole.findMany({ where: { userId: { in: [...ids] } } }),
      ])
      const namesOf = Map.groupBy(given, ({ userId }) => userId)
      return ids.map((id) => {
        const names = new Set(namesOf.get(id)?.map(({ roleName }) => roleName))
        return roles.filter(({ name }) => names.has(name))
      })
    }),

    linkedAccountsOf: new DataLoader(async (ids) => {
      const accounts = await db.linkedAccount.findMany({
        where: { userId: { in: [...ids] } },
        orderBy: { linkedAt: 'asc' },
      })
      const accountsOf = Map.groupBy(accounts, ({ userId }) => userId)
      return ids.map((id) => accountsOf.get(id) ?? [])
    }),
  }
}
