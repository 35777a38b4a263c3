import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir, root, subgraphs } from './paths.ts'
import { runProgram } from './process.ts'

const inputs = [
  'prisma/*/schema.prisma',
  'subgraphs/*/schema.graphql',
  'packages/contracts/schemas/*.json',
  'packages/contracts/src/generate.ts',
  'web/**/graphql/**/*.graphql',
  'web/packages/graph/codegen/**',
  'supergraph.graphql',
  'partners/*.{graphql,yaml}',
  'router/src/partners/*.ts',
  'codegen.ts',
  'package-lock.json',
]

/** Writes all generated code (Prisma clients, event and GraphQL types), unless nothing that it comes from has changed. */
export async function generateCode(onProgress: (text: string) => void): Promise<void> {
  const mark = join(cacheDir, 'codegen')
  const hash = hashOf(inputs)
  const isThere = existsSync(join(root, 'packages', 'contracts', 'src', 'generated', 'events.ts'))
  if (isThere && existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  onProgress('generating code')
  const logFile = join(cacheDir, 'codegen.log')
  const run = (name: string, command: string, ...args: string[]) =>
    runProgram({
      name,
      command: join(root, 'node_modules', '.bin', command),
      args,
      cwd: root,
      logFile,
      // The schema engine cannot be downloaded everywhere and is not needed to generate.
      env: { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    })
  for (const subgraph of subgraphs)
    await run(
      `prisma generate for ${subgraph}`,
      'prisma',
      'generate',
      '--schema',
      `prisma/${subgraph}/schema.prisma`,
    )
  await run('Generating event types', 'node', 'packages/contracts/src/generate.ts')
  await run('graphql-codegen', 'graphql-codegen', '--config', 'codegen.ts')
  await run(
    "Generating types of the partners' API",
    'node',
    'router/src/partners/types-main.ts',
    'supergraph.graphql',
    'partners',
    'examples/partner-client/generated/api.ts',
  )
  mkdirSync(cacheDir, { recursive: true })
  writeFileSync(mark, hash)
}

function hashOf(patterns: readonly string[]): string {
  const hash = createHash('sha256')
  const files = globSync([...patterns], { cwd: root, exclude: ['**/node_modules/**'] }).sort()
  for (const file of files) {
    const path = join(root, file)
    hash.update(file)
    try {
      hash.update(readFileSync(path))
    } catch {
      // A folder that the pattern matched.
    }
  }
  return hash.digest('hex')
}
