import { createHash } from 'node:crypto'
import { createLru } from '@mall/service/lru'
import type { Redis } from '@mall/service/redis'
import { z } from 'zod'
import type { SubgraphClient, SubgraphResponse } from '../engine/subgraph-client.ts'
import type { Counts } from '../metrics/counts.ts'
import { sharedMaxAge } from './cache-control.ts'
import { fillTag, type CacheTags } from './cache-tags.ts'
import { dataOf, entitiesOf, errorsAmongAll, valuesOf, variablesFor, type AskedEntity } from './entities.ts'
import { readFetchShape, type EntityField, type FetchShape, type RootField } from './fetch-shape.ts'
import { readEntries, type Entry, type Read } from './stored-answers.ts'

export interface CachedClientOptions {
  readonly subgraph: string
  readonly client: SubgraphClient
  readonly tags: CacheTags
  /** Names of fields that are never kept. */
  readonly guarded: ReadonlySet<string>
  readonly redis: Redis
  readonly counts: Pick<Counts, 'cacheHits' | 'cacheMisses' | 'cacheFailures'>
}

type Variables = Readonly<Record<string, unknown>>
type Send = (body: string) => Promise<SubgraphResponse>

const bodySchema = z.looseObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
})
type Body = z.infer<typeof bodySchema>

/** What is known of a query's text. */
interface Known {
  readonly shape: FetchShape | null
  /** Answers on end that were not to be kept. */
  inVain: number
  /** Epoch milliseconds. */
  pausedUntil: number
}

const MAX_SHAPES = 2_000
/** After so many answers on end that were not to be kept, none is looked for during so many milliseconds. */
const MAX_IN_VAIN = 10
const PAUSE_MS = 10_000
/** Longer ones are fetched each time: characters. */
const MAX_LENGTH = 100_000

/**
 * Keeps what a subgraph answers, for all viewers, as long as its `Cache-Control` allows: entities each by itself, other
 * answers whole. Only what has a tag (`@cacheTag`) is kept: anything else could not be invalidated. Nothing is read for
 * mutations, and without Redis everything is fetched.
 */
export function createCachedClient(options: CachedClientOptions): SubgraphClient {
  const { subgraph, client, tags, guarded, redis, counts } = options
  const shapes = createLru<string, Known>(MAX_SHAPES)
  return {
    async send(request, scope) {
      if (request.isMutation || !request.mayShare) return client.send(request, scope)
      const body = bodySchema.parse(JSON.parse(request.body))
      const known = knownOf(body.query)
      const { shape } = known
      if (!shape || known.pausedUntil > Date.now()) return client.send(request, scope)
      const send: Send = async (body) => learn(known, await client.send({ ...request, body }, scope))
      return shape.kind === 'entities'
        ? sendEntities(shape.fields, body, request.body, send)
        : sendRoot(shape.fields, request.body, body.variables, send)
    },
  }

  function knownOf(query: string): Known {
    const known = shapes.get(query) ?? { shape: readFetchShape(query, guarded), inVain: 0, pausedUntil: 0 }
    shapes.set(query, known)
    return known
  }

  async function sendRoot(
    fields: readonly RootField[],
    text: string,
    variables: Variables,
    send: Send,
  ): Promise<SubgraphResponse> {
    const found = fields.map((field) =>
      fill(tags.ofField(subgraph, field.name), { args: field.argsOf(variables) }),
    )
    const entryTags = found.every((some) => some.length > 0) ? found.flat() : []
    const read = await readOrNull([{ key: keyOf(text), tags: entryTags }])
    const [stored] = read?.texts ?? []
    if (stored !== undefined) return { data: JSON.parse(stored) as Record<string, unknown> }
    const response = await send(text)
    const seconds = secondsOf(response)
    if (seconds > 0 && response.data) write(read, 0, response.data, seconds)
    return response
  }

  async function sendEntities(
    fields: readonly EntityField[],
    body: Body,
    text: string,
    send: Send,
  ): Promise<SubgraphResponse> {
    const asked = entitiesOf(fields, body.variables)
    const read = await readOrNull(asked.map((entity) => entryOf(entity, body.variables)))
    if (!read) return send(text)
    const values = read.texts.map((stored) =>
      stored === undefined ? undefined : (JSON.parse(stored) as unknown),
    )
    const missing = asked.filter(({ index }) => values[index] === undefined)
    if (missing.length === 0) return { data: dataOf(values, asked, fields) }

    const variables = variablesFor(missing, fields, body.variables)
    const response = await send(
      missing.length === asked.length ? text : JSON.stringify({ ...body, variables }),
    )
    const errors = errorsAmongAll(response, missing)
    const fresh = valuesOf(response, missing, fields)
    if (!fresh) return { data: null, errors }
    const seconds = secondsOf(response)
    missing.forEach(({ index }, position) => {
      const value = fresh[position] ?? null
      values[index] = value
      if (seconds > 0 && value !== null) write(read, index, value, seconds)
    })
    return { data: dataOf(values, asked, fields), ...(errors.length > 0 ? { errors } : {}) }
  }

  function entryOf({ field, representation }: AskedEntity, variables: Variables): Entry {
    const own = field.variables.map((name) => [name, variables[name] ?? null])
    return {
      key: keyOf(field.selection, JSON.stringify(own), JSON.stringify(representation)),
      tags: fill(tags.ofType(subgraph, typeOf(representation)), { key: representation }),
    }
  }

  /** Null when there is nothing that may be kept, or Redis does not answer. */
  async function readOrNull(entries: readonly Entry[]): Promise<Read | null> {
    const isKept = (index: number) => (entries[index]?.tags.length ?? 0) > 0
    const kept = entries.filter((_, index) => isKept(index)).length
    if (kept === 0) return null
    try {
      const read = await readEntries(redis, entries)
      const texts = read.texts.map((text, index) => (isKept(index) ? text : undefined))
      const hits = texts.filter((text) => text !== undefined).length
      counts.cacheHits += hits
      counts.cacheMisses += kept - hits
      return {
        texts,
        write: (index, text, seconds) => void (isKept(index) && read.write(index, text, seconds)),
      }
    } catch {
      counts.cacheFailures += kept
      return null
    }
  }

  function keyOf(...parts: readonly string[]): string {
    return createHash('sha256')
      .update([subgraph, ...parts].join('\n'))
      .digest('base64url')
  }
}

/** All tags, or none when one of them cannot be told. */
function fill(formats: readonly string[], values: Parameters<typeof fillTag>[1]): string[] {
  const filled = formats.map((format) => fillTag(format, values))
  return filled.every((tag) => tag !== undefined) ? filled : []
}

/** An answer with an error in it is not kept. */
const secondsOf = ({ errors, cacheControl }: SubgraphResponse) =>
  errors?.length ? 0 : sharedMaxAge(cacheControl)

/** A round trip to Redis for each answer that is never kept would be for nothing. Errors say nothing of that. */
function learn(known: Known, response: SubgraphResponse): SubgraphResponse {
  if (secondsOf(response) > 0) known.inVain = 0
  else if (!response.errors?.length) known.inVain += 1
  if (known.inVain >= MAX_IN_VAIN) known.pausedUntil = Date.now() + PAUSE_MS
  return response
}

function write(read: Read | null, index: number, value: unknown, seconds: number): void {
  const text = JSON.stringify(value)
  if (text.length <= MAX_LENGTH) read?.write(index, text, seconds)
}

function typeOf(representation: unknown): string {
  const hasType =
    typeof representation === 'object' && representation !== null && '__typename' in representation
  return hasType ? String(representation.__typename) : ''
}
