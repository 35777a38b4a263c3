import type { RightsPublisher } from './data/rights-publisher.ts'
import type { RightsRepository } from './data/rights-repository.ts'
import type { UserRepository } from './data/user-repository.ts'
import { notFound } from './domain/errors.ts'
import { KEY_PERMISSION, decideLockout, decidePermissions, isRoleName } from './domain/roles.ts'

/** What other processes are told of a change of rights, once it is committed. */
export type AnnounceRights = (subject: 'user' | 'role', subjectId: string) => void

export type Rights = ReturnType<typeof createRights>

/** Editing roles and who has them. Effective everywhere when the promise resolves and readers have been told. */
export function createRights({
  repository,
  users,
  publisher,
  announce,
  clock,
}: {
  readonly repository: RightsRepository
  readonly users: UserRepository
  readonly publisher: RightsPublisher
  readonly announce: AnnounceRights
  readonly clock: () => Date
}) {
  return {
    /** Replaces the permissions of a role. */
    async setRolePermissions(role: string, permissions: readonly string[]) {
      if (!isRoleName(role)) return notFound(`role "${role.slice(0, 64)}"`)
      const decided = decidePermissions(permissions)
      if ('__typename' in decided) return decided

      const refused = await repository.change(async (tx) => {
        if (!(await repository.roleExists(tx, role))) return notFound(`role "${role.slice(0, 64)}"`)
        if (!decided.includes(KEY_PERMISSION)) {
          const lockout = decideLockout(
            'permissions',
            await repository.keyHoldersWithoutRole(tx, role),
            false,
          )
          if (lockout) return lockout
        }
        await repository.setRolePermissions(tx, role, decided)
        return null
      })
      if (refused) return refused
      await tell('role', role)
      return { __typename: 'Role', name: role, permissions: decided } as const
    },

    /** Replaces the roles of a user. */
    async setUserRoles(userId: string, roles: readonly string[]) {
      const wanted = [...new Set(roles)].sort()
      const impossible = wanted.find((role) => !isRoleName(role))
      if (impossible !== undefined) return notFound(`role "${impossible.slice(0, 64)}"`)
      const refused = await repository.change(async (tx) => {
        const [user] = await users.findByIds([userId])
        if (!user) return notFound('user with this id')
        for (const role of wanted) {
          if (!(await repository.roleExists(tx, role))) return notFound(`role "${role.slice(0, 64)}"`)
        }
        const lockout = decideLockout('roles', await repository.keyHoldersWithUser(tx, userId, wanted), true)
        if (lockout) return lockout
        await repository.setUserRoles(tx, userId, wanted, clock())
        return null
      })
      if (refused) return refused
      await tell('user', userId)
      const [user] = await users.findByIds([userId])
      return user ?? notFound('user with this id')
    },
  }

  async function tell(subject: 'user' | 'role', subjectId: string): Promise<void> {
    await publisher.publish()
    announce(subject, subjectId)
  }
}
