import { badUserInput, graphError } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import { createLru } from '@mall/service/lru'
import type { Redis } from '@mall/service/redis'
import type { GraphQLError } from 'graphql'
import { z } from 'zod'
import type { Counts } from '../metrics/counts.ts'
import type { PersistedConfig } from './config.ts'
import { hashOf, type Manifest } from './manifest.ts'

/** What a client sends: a text, its hash in Apollo's `extensions.persistedQuery`, or both. */
export interface PersistedRequest {
  readonly query?: string | null | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** Operations that are known by their hash. */
export interface Persisted {
  /**
   * The text to run. Throws PERSISTED_QUERY_NOT_FOUND for a hash that is not known (the client then sends the text),
   * QUERY_NOT_IN_SAFELIST for a text that is not registered where that is enforced, BAD_USER_INPUT when there is no text,
   * or it has another hash.
   */
  textOf(request: PersistedRequest): string | Promise<string>
  /** Remembers a text under the hash that came with it. Called once it was found to be valid. */
  learn(request: PersistedRequest): void
}

const MAX_LOCAL = 1_000
/** Longer texts are not kept: sending them is what they cost. */
const MAX_LENGTH = 50_000
const KEPT_SECONDS = 86_400

const extensionSchema = z.object({
  version: z.literal(1),
  sha256Hash: z.string().regex(/^[0-9a-f]{64}$/),
})

export function createPersisted(options: {
  readonly config: PersistedConfig
  readonly manifest: Manifest
  /** Null: what one router learns, others do not. */
  readonly redis: Redis | null
  readonly counts: Pick<Counts, 'persistedHits' | 'persistedLearned' | 'persistedUnknown' | 'unregistered'>
  readonly logger: Logger
}): Persisted {
  const { config, manifest, redis, counts, logger } = options
  const local = createLru<string, string>(MAX_LOCAL)
  const registered = new Set(manifest.values())
  const logged = createLru<string, true>(MAX_LOCAL)
  let isDown = false

  return {
    textOf(request) {
      const text = find(request)
      return typeof text === 'string' ? check(text) : text.then(check)
    },

    learn({ query, extensions }) {
      const hash = hashIn(extensions)
      if (!config.automatic || hash === null || !query || query.length > MAX_LENGTH) return
      if (manifest.has(hash) || local.get(hash) !== undefined) return
      local.set(hash, query)
      counts.persistedLearned += 1
      redis?.set(keyOf(hash), query, 'EX', KEPT_SECONDS).then(isBack, isAway)
    },
  }

  function find({ query, extensions }: PersistedRequest): string | Promise<string> {
    const hash = hashIn(extensions)
    if (hash === null) {
      if (!query) throw badUserInput('"query" is missing or not of its type.')
      return query
    }
    const known = manifest.get(hash) ?? local.get(hash)
    if (query) {
      if (known !== query && hashOf(query) !== hash)
        throw badUserInput('The text has another SHA-256 than extensions.persistedQuery says.')
      return query
    }
    if (known !== undefined) return found(known)
    if (!config.automatic || !redis) throw notFound()
    return fetchText(redis, hash)
  }

  function check(text: string): string {
    if (config.mode === 'off' || registered.has(text)) return text
    counts.unregistered += 1
    if (config.mode === 'enforce')
      throw graphError('QUERY_NOT_IN_SAFELIST', 'Only registered operations are served.')
    if (!logged.get(text)) logger.warn({ operation: text.slice(0, 200) }, 'an operation is not registered')
    logged.set(text, true)
    return text
  }

  async function fetchText(from: Redis, hash: string): Promise<string> {
    const text = await from.get(keyOf(hash)).catch(isAway)
    if (!text || hashOf(text) !== hash) throw notFound()
    isBack()
    local.set(hash, text)
    return found(text)
  }

  function found(text: string): string {
    counts.persistedHits += 1
    return text
  }

  /** Apollo Client looks for this message or this code, and sends the text then. */
  function notFound(): GraphQLError {
    counts.persistedUnknown += 1
    return graphError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
  }

  function isAway(error: unknown): null {
    if (!isDown)
      logger.warn({ error }, 'persisted operations cannot be kept in Redis; this router keeps its own')
    isDown = true
    return null
  }

  function isBack(): void {
    isDown = false
  }
}

function hashIn(extensions: PersistedRequest['extensions']): string | null {
  const given = extensions?.persistedQuery
  if (given === undefined || given === null) return null
  const parsed = extensionSchema.safeParse(given)
  if (!parsed.success) throw badUserInput('extensions.persistedQuery is { version: 1, sha256Hash }.')
  return parsed.data.sha256Hash
}

const keyOf = (hash: string) => `persisted:${hash}`
