/** Brings the databases of all subgraphs on the server POSTGRES_URL up to date, then ends. Safe to run again. */
import { env } from 'node:process'
import { migrateAll } from '@mall/stack'

const { POSTGRES_URL } = env
if (!POSTGRES_URL) {
  console.error(
    'POSTGRES_URL is not set: the server, such as postgres://mall:mall@postgres:5432, without a database.',
  )
  process.exit(1)
}
await migrateAll(POSTGRES_URL, console.log)
console.log('The databases are up to date.')
