import { createDatabaseAdapter } from '@mall/service/database'
import { PrismaClient } from '../generated/prisma/client.ts'

/** The orders database through Prisma. */
export type Database = PrismaClient

/** Opens the orders database; connects with the first query. */
export const createDatabase = (options: { url: string; poolSize: number }): Database =>
  new PrismaClient({ adapter: createDatabaseAdapter(options) })
