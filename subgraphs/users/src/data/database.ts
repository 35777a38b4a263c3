import { createDatabaseAdapter } from '@mall/service/database'
import type { DatabaseOptions } from '@mall/service/database'
import { PrismaClient } from '../generated/prisma/client.ts'

/** The users database through Prisma. */
export type Database = PrismaClient

/** Opens the users database; connects with the first query. */
export const createDatabase = (options: DatabaseOptions): Database =>
  new PrismaClient({ adapter: createDatabaseAdapter(options) })
