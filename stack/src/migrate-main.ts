/** `npm run migrate`: brings the databases of a running PostgreSQL up to date. POSTGRES_URL names the server. */
import { migrateAll } from './migrate.ts'
import { report } from './report.ts'

await report(() =>
  migrateAll(process.env.POSTGRES_URL ?? 'postgres://mall:mall@127.0.0.1:5433', (text) => console.log(`· ${text}`)),
)
