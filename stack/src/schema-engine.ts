import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine, type MigrationList } from '@prisma/schema-engine-wasm'
import { root, type SubgraphName } from './paths.ts'

// Prisma's command line downloads its schema engine from the internet. The same engine is on npm as WebAssembly; it
// works on Prisma's own folder format, so that the usual tool can be used by those who have it. Its adapter splits a
// migration at every semicolon, so none may stand in a comment or a function's body.

const noFilters = { externalTables: [], externalEnums: [] }

/** Prisma's schema engine on one database. */
export async function openSchemaEngine(databaseUrl: string) {
  const panics = globalThis as { PRISMA_WASM_PANIC_REGISTRY?: { set_message(message: string): void } }
  panics.PRISMA_WASM_PANIC_REGISTRY = {
    set_message: (message) => {
      throw new Error(`Prisma's schema engine failed: ${message}`)
    },
  }
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: databaseUrl }))
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter)
  return {
    /** Applies the migrations that the database has not seen; answers with their names. */
    async apply(name: SubgraphName): Promise<string[]> {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: migrationsOf(name),
        filters: noFilters,
      })
      return appliedMigrationNames
    },

    /** The SQL that makes an empty database what the subgraph's schema.prisma says. */
    async createSql(name: SubgraphName): Promise<string> {
      const { stdout } = await engine.diff({
        from: { tag: 'empty' },
        to: { tag: 'schemaDatamodel', files: [schemaOf(name)] },
        script: true,
        exitCode: null,
        filters: noFilters,
      })
      return stdout ?? ''
    },

    close: () => engine.free(),
  }
}

/** The folder of a subgraph's migrations. */
export const migrationsDir = (name: SubgraphName) => join(root, 'prisma', name, 'migrations')

function schemaOf(name: SubgraphName) {
  const path = join(root, 'prisma', name, 'schema.prisma')
  return { path, content: readFileSync(path, 'utf8') }
}

function migrationsOf(name: SubgraphName): MigrationList {
  const baseDir = migrationsDir(name)
  const folders = readdirSync(baseDir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(baseDir, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: folders
      .map(({ name: path }) => path)
      .sort()
      .map((path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
        },
      })),
  }
}
