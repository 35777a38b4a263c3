import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GraphQLError, Kind, parse, Source, type DefinitionNode, type DocumentNode } from 'graphql'
import { z } from 'zod'
import { faultAt, faultAtNode } from './fault.ts'
import { readYaml } from './read-yaml.ts'

const methodSchema = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const jsonSchema = z.record(z.string(), z.unknown())

const apiSchema = z.strictObject({
  title: z.string(),
  version: z.string(),
  description: z.string().optional(),
  /** Of all routes, such as /v1. */
  prefix: z.string().regex(/^(\/[\w.-]+)+$/, { error: 'must be a path such as /v1' }),
  errors: z.strictObject({
    /** Members of a result's union that implement it are errors. */
    interface: z.string(),
    /** HTTP status by type. */
    statuses: z.record(z.string(), z.number().int().min(400).max(599)).default({}),
    default: z.number().int().min(400).max(599).default(422),
  }),
  /** JSON Schema of the graph's own scalars. */
  scalars: z.record(z.string(), jsonSchema).default({}),
})

const routeSchema = z.strictObject({
  /** Method and path below the prefix; `{id}` in it takes the variable of that name. */
  route: z.string().regex(/^(GET|POST|PUT|PATCH|DELETE) (\/([\w.-]+|\{\w+\}))+$/, {
    error: 'must be a method and a path, such as GET /things/{id}',
  }),
  /** Variables that are query parameters. */
  query: z.array(z.string()).default([]),
  /** The variable that the body is, or those that are members of the body. */
  body: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  status: z.union([z.literal(200), z.literal(201), z.literal(202)]).default(200),
})

export type ApiFile = z.output<typeof apiSchema>

/** How an operation is asked for by HTTP, and the line that says so. */
export interface RouteMapping {
  readonly operation: string
  readonly method: z.output<typeof methodSchema>
  /** With the prefix; parameters as `{name}`. */
  readonly path: string
  readonly query: readonly string[]
  readonly body: string | readonly string[] | null
  readonly status: number
  /** The mapping file's name without its ending. */
  readonly tag: string
  readonly file: string
  readonly line: number
}

/** The partners' folder, read; what it says of the graph is not checked yet. */
export interface PartnerFolder {
  readonly api: ApiFile
  readonly apiFile: string
  readonly routes: readonly RouteMapping[]
  /** All operations and fragments of the folder; sources are named after their files. */
  readonly document: DocumentNode
}

const API_FILE = 'api.yaml'

/** Reads api.yaml, and every *.graphql with the *.yaml of the same name. Throws ConfigError with file and line. */
export function readPartnerFolder(folder: string): PartnerFolder {
  const apiFile = join(folder, API_FILE)
  const api = readYaml(apiFile, apiSchema).value
  const files = globSync('*.graphql', { cwd: folder })
    .toSorted()
    .map((name) => join(folder, name))
  const definitions = files.flatMap(parseFile)
  const routes = files.flatMap((file) => {
    const mappingFile = file.replace(/\.graphql$/, '.yaml')
    return existsSync(mappingFile) ? readMappings(mappingFile, api.prefix) : []
  })
  return { api, apiFile, routes, document: { kind: Kind.DOCUMENT, definitions } }
}

function readMappings(file: string, prefix: string): RouteMapping[] {
  const { value, lineOf } = readYaml(file, z.record(z.string(), routeSchema))
  return Object.entries(value).map(([operation, { route, query, body, status }]) => {
    const [method, path = ''] = route.split(' ')
    return {
      operation,
      method: methodSchema.parse(method),
      path: `${prefix}${path}`,
      query,
      body: body ?? null,
      status,
      tag: basename(file, '.yaml'),
      file,
      line: lineOf([operation, 'route']),
    }
  })
}

function parseFile(file: string): readonly DefinitionNode[] {
  try {
    return parse(new Source(readFileSync(file, 'utf8'), file)).definitions
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const [node] = error.nodes ?? []
    throw node
      ? faultAtNode(node, error.message)
      : faultAt(file, error.locations?.[0]?.line ?? 1, error.message)
  }
}
