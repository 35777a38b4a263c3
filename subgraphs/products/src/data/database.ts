import { createDatabaseAdapter } from '@mall/service/database'
import { PrismaClient, type Prisma } from '../generated/prisma/client.ts'

/** The products database through Prisma. */
export type Database = PrismaClient

/** A transaction on it. */
export type Transaction = Prisma.TransactionClient

/** Opens the products database; connects with the first query. */
export const createDatabase = (options: { url: string; poolSize: number }): Database =>
  new PrismaClient({ adapter: createDatabaseAdapter(options) })
