import type { Prisma } from '../generated/prisma/client.ts'
import type { Database } from './database.ts'

/** A user as resolvers see one: without the password's hash. */
export interface UserRecord {
  readonly id: string
  readonly displayName: string
  readonly email: string | null
  readonly phone: string | null
  readonly createdAt: Date
}

export interface UserPage {
  /** Newest first, those after this place; null begins at the start. */
  readonly after: { readonly createdAt: Date; readonly id: string } | null
  readonly limit: number
  /** Part of name, e-mail or phone; empty for all. */
  readonly search: string
}

const shown = { id: true, displayName: true, email: true, phone: true, createdAt: true } as const

export type UserRepository = ReturnType<typeof createUserRepository>

export function createUserRepository(db: Database) {
  return {
    findByIds(ids: readonly string[]): Promise<UserRecord[]> {
      // PostgreSQL refuses this character in any text; nobody's id has it.
      const possible = ids.filter((id) => !id.includes('\0'))
      return db.user.findMany({ where: { id: { in: possible } }, select: shown })
    },

    /** The user who signs in by this e-mail or phone, with the hash to compare. */
    findForLogIn(login: { email: string } | { phone: string }) {
      return db.user.findUnique({ where: login, select: { ...shown, passwordHash: true } })
    },

    /** Creates an account; null when e-mail or phone is taken, also by one that is created at the same time. */
    async create(
      user: Omit<UserRecord, 'createdAt'> & {
        readonly passwordHash: string
        readonly roles: readonly string[]
      },
    ): Promise<UserRecord | null> {
      const { roles, ...data } = user
      return db.$transaction(async (tx) => {
        const { count } = await tx.user.createMany({ data, skipDuplicates: true })
        if (count === 0) return null
        await tx.userRole.createMany({ data: roles.map((roleName) => ({ userId: user.id, roleName })) })
        return tx.user.findUniqueOrThrow({ where: { id: user.id }, select: shown })
      })
    },

    /** A page of users, newest first. */
    findPage({ after, limit, search }: UserPage): Promise<UserRecord[]> {
      const behind: Prisma.UserWhereInput = after
        ? {
            OR: [
              { createdAt: { lt: after.createdAt } },
              { createdAt: after.createdAt, id: { lt: after.id } },
            ],
          }
        : {}
      return db.user.findMany({
        where: { AND: [behind, matching(search)] },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit,
        select: shown,
      })
    },

    count(search: string): Promise<number> {
      return db.user.count({ where: matching(search) })
    },
  }
}

function matching(search: string): Prisma.UserWhereInput {
  const text = search.trim()
  if (text === '') return {}
  // In a LIKE pattern these two stand for other characters; here they stand for themselves.
  const contains = text.replace(/[\\%_]/g, '\\$&')
  return {
    OR: [
      { displayName: { contains, mode: 'insensitive' } },
      { email: { contains, mode: 'insensitive' } },
      { phone: { contains } },
    ],
  }
}
