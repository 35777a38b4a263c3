import { ConfigError } from '@mall/service/config'
import { loadConfig } from './config.ts'
import { createDatabase } from './data/database.ts'
import type { Database } from './data/database.ts'
import { hashPassword } from './data/passwords.ts'

/** The password of every demo account. */
export const DEMO_PASSWORD = 'mall-demo-2026'

/** Shoppers for load tests: shopper1@mall.test … shopper30@mall.test. */
const LOAD_SHOPPERS = 30

/** Fixed, so that every run gives the same accounts in the same order. */
const FIRST_CREATED_AT = Date.UTC(2026, 0, 1)

interface DemoAccount {
  readonly id: string
  readonly displayName: string
  readonly email: string
  readonly roles: readonly string[]
}

/** Puts the demo accounts in, each unless it is there; what was changed about one since is left alone. */
export async function seedUsers(db: Database): Promise<number> {
  const accounts = demoAccounts()
  // One hash for all: they share the password, and hashing is slow on purpose.
  const passwordHash = await hashPassword(DEMO_PASSWORD)
  const present = await db.user.findMany({ where: { email: { in: accounts.map(({ email }) => email) } } })
  const presentEmails = new Set(present.map(({ email }) => email))
  const missing = accounts.filter(({ email }) => !presentEmails.has(email))

  await db.$transaction([
    db.user.createMany({
      data: missing.map(({ roles: _, ...account }) => ({
        ...account,
        passwordHash,
        createdAt: new Date(FIRST_CREATED_AT + accounts.findIndex(({ id }) => id === account.id) * 60_000),
      })),
      skipDuplicates: true,
    }),
    db.userRole.createMany({
      data: missing.flatMap(({ id, roles }) => roles.map((roleName) => ({ userId: id, roleName }))),
      skipDuplicates: true,
    }),
  ])
  return missing.length
}

function demoAccounts(): DemoAccount[] {
  const named: [string, string, string[]][] = [
    ['admin', 'Ada Admin', ['user', 'admin']],
    ['staff', 'Stella Staff', ['user', 'staff']],
    ['shopper', 'Sam Shopper', ['user']],
  ]
  const shoppers = Array.from({ length: LOAD_SHOPPERS }, (_, i): [string, string, string[]] => [
    `shopper${i + 1}`,
    `Shopper ${i + 1}`,
    ['user'],
  ])
  return [...named, ...shoppers].map(([name, displayName, roles], i) => ({
    id: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    displayName,
    email: `${name}@mall.test`,
    roles,
  }))
}

if (import.meta.main) {
  try {
    const config = loadConfig()
    if (config.isProduction) {
      throw new ConfigError([{ variable: 'NODE_ENV', problem: 'demo accounts are refused in production' }])
    }
    const db = createDatabase(config.database)
    const added = await seedUsers(db)
    await db.$disconnect()
    process.stdout.write(`users: ${added} demo accounts added\n`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
