/**
 * `npm run check:migrations`: fails when a schema.prisma and its migrations do not make the same tables.
 * Both are built in a database of their own and compared there: the engine's own comparison with a live database does
 * not work through the WebAssembly adapter, which cannot read columns of type "char".
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { subgraphs, type SubgraphName } from './paths.ts'
import { choosePort } from './ports.ts'
import { databaseUrl, ensureDatabase, startPostgres } from './postgres.ts'
import { openSchemaEngine } from './schema-engine.ts'

const columns = `
  select format('%s.%s %s%s default %s', c.table_name, c.column_name, format_type(a.atttypid, a.atttypmod),
    case c.is_nullable when 'NO' then ' not null' else '' end, c.column_default) as line
  from information_schema.columns c
  join pg_attribute a on a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass and a.attname = c.column_name
  where c.table_schema = 'public' and c.table_name <> '_prisma_migrations'`
const indexesAndKeys = `
  select indexdef as line from pg_indexes where schemaname = 'public' and tablename <> '_prisma_migrations'
  union all
  select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
  where connamespace = 'public'::regnamespace and conrelid::regclass::text <> '_prisma_migrations' and contype in ('f', 'p', 'u')`

const dataDir = mkdtempSync(join(tmpdir(), 'mall-migrations-'))
const server = await startPostgres({ dataDir, port: await choosePort('shadow', 5533, undefined, new Set()) })
let faults: string[] = []
try {
  for (const subgraph of subgraphs) faults = [...faults, ...(await compare(subgraph))]
} finally {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
console.log(faults.length === 0 ? 'The migrations agree with the schemas.' : faults.join('\n'))
process.exit(faults.length === 0 ? 0 : 1)

async function compare(subgraph: SubgraphName): Promise<string[]> {
  const [migrated, planned] = [`migrated_${subgraph}`, `planned_${subgraph}`]
  await ensureDatabase(server.url, migrated)
  await ensureDatabase(server.url, planned)
  const engine = await openSchemaEngine(databaseUrl(server.url, migrated))
  await engine.apply(subgraph)
  await linesOf(planned, await engine.createSql(subgraph))
  engine.close()
  // What Prisma cannot express (checks, special indexes) may stand in the migrations alone.
  return [
    ...missing(
      await linesOf(planned, columns),
      await linesOf(migrated, columns),
      `${subgraph}: no migration makes`,
    ),
    ...missing(
      await linesOf(migrated, columns),
      await linesOf(planned, columns),
      `${subgraph}: schema.prisma lacks`,
    ),
    ...missing(
      await linesOf(planned, indexesAndKeys),
      await linesOf(migrated, indexesAndKeys),
      `${subgraph}: no migration makes`,
    ),
  ]
}

function missing(wanted: string[], present: string[], what: string): string[] {
  return wanted.filter((line) => !present.includes(line)).map((line) => `${what} ${line}`)
}

async function linesOf(database: string, sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl(server.url, database) })
  await client.connect()
  try {
    const { rows } = await client.query<{ line: string }>(sql)
    return (rows ?? []).map(({ line }) => line)
  } finally {
    await client.end()
  }
}
