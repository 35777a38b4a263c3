import type { RightsSnapshot } from '@mall/service/rights'
import { z } from 'zod'
import { KEY_PERMISSION } from '../domain/roles.ts'
import type { KeyHolders } from '../domain/roles.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import type { Database } from './database.ts'

export interface RoleRecord {
  readonly name: string
  readonly permissions: string[]
}

/** Inside a change of rights: nobody else changes rights until it is committed. */
export type RightsTransaction = Prisma.TransactionClient

export type RightsRepository = ReturnType<typeof createRightsRepository>

/** Tokens of other instances' clocks may be this much younger than ours, in milliseconds. */
const CLOCK_MARGIN_MS = 60_000

/**
 * By the clock as well as by one: after the database was set up anew, or restored, versions are still higher than
 * what the readers know.
 */
export function raiseRightsVersion(db: Database | RightsTransaction) {
  return db.$executeRaw`
    update rights_version
    set version = greatest(version + 1, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`
}

export function createRightsRepository(db: Database) {
  return {
    async findRoles(): Promise<RoleRecord[]> {
      const roles = await db.role.findMany({ include: { permissions: true }, orderBy: { name: 'asc' } })
      return roles.map(({ name, permissions }) => ({
        name,
        permissions: permissions.map((p) => p.name).sort(),
      }))
    },

    /** Runs a change of rights. The version is raised first: its row's lock puts changes one after the other. */
    change<Result>(run: (tx: RightsTransaction) => Promise<Result>): Promise<Result> {
      return db.$transaction(async (tx) => {
        await raiseRightsVersion(tx)
        return run(tx)
      })
    },

    async roleExists(tx: RightsTransaction, name: string): Promise<boolean> {
      return (await tx.role.count({ where: { name } })) === 1
    },

    async setRolePermissions(tx: RightsTransaction, roleName: string, permissions: readonly string[]) {
      await tx.permission.deleteMany({ where: { roleName } })
      await tx.permission.createMany({ data: permissions.map((name) => ({ roleName, name })) })
    },

    async setUserRoles(tx: RightsTransaction, userId: string, roles: readonly string[], now: Date) {
      await tx.userRole.deleteMany({ where: { userId } })
      await tx.userRole.createMany({ data: roles.map((roleName) => ({ userId, roleName })) })
      await tx.user.update({ where: { id: userId }, data: { rolesChangedAt: now } })
    },

    /** Who would hold the key permission if this role did not have it. */
    async keyHoldersWithoutRole(tx: RightsTransaction, role: string): Promise<KeyHolders> {
      return {
        otherRoles: await tx.permission.count({ where: { name: KEY_PERMISSION, roleName: { not: role } } }),
        usersNow: await tx.user.count({ where: { roles: { some: keyRole } } }),
        usersAfter: await tx.user.count({
          where: { roles: { some: { ...keyRole, roleName: { not: role } } } },
        }),
      }
    },

    /** Who would hold the key permission if this user had these roles. */
    async keyHoldersWithUser(
      tx: RightsTransaction,
      userId: string,
      roles: readonly string[],
    ): Promise<KeyHolders> {
      const keyRoles = await tx.permission.count({ where: { name: KEY_PERMISSION } })
      const hasIt = await tx.permission.count({
        where: { name: KEY_PERMISSION, roleName: { in: [...roles] } },
      })
      const others = await tx.user.count({ where: { id: { not: userId }, roles: { some: keyRole } } })
      const hadIt = await tx.user.count({ where: { id: userId, roles: { some: keyRole } } })
      return { otherRoles: keyRoles, usersNow: others + hadIt, usersAfter: others + Math.min(hasIt, 1) }
    },

    /** What routers must know, read in one statement so that its parts and its version belong together. */
    async loadSnapshot(accessSeconds: number, now: Date): Promise<RightsSnapshot> {
      const since = new Date(now.getTime() - accessSeconds * 1_000 - CLOCK_MARGIN_MS)
      const rows = await db.$queryRaw`
        select
          version::float8 as version,
          (select coalesce(json_object_agg(r.name, array(
              select p.name from permission p where p.role_name = r.name order by p.name)), '{}')
            from role r) as roles,
          (select coalesce(json_object_agg(u.id, array(
              select ur.role_name from user_role ur where ur.user_id = u.id order by ur.role_name)), '{}')
            from "user" u where u.roles_changed_at > ${since}) as users,
          (select coalesce(json_object_agg(s.id, floor(extract(epoch from s.access_expires_at) * 1000)), '{}')
            from session s where s.revoked_at > ${since} and s.access_expires_at > ${now}) as "revokedSessions"
        from rights_version`
      return z.tuple([snapshotRow]).parse(rows)[0]
    },
  }
}

const keyRole = { role: { permissions: { some: { name: KEY_PERMISSION } } } }

const snapshotRow = z.object({
  version: z.number(),
  roles: z.record(z.string(), z.array(z.string())),
  users: z.record(z.string(), z.array(z.string())),
  revokedSessions: z.record(z.string(), z.number()),
})
