import { unwatchFile, watchFile } from 'node:fs'
import type { Logger } from '@mall/service/logger'
import { findKey, keysFileSchema, type ApiKey } from './keys.ts'
import { readYaml } from './read-yaml.ts'

/** The API keys that are valid at present. */
export interface KeyRing {
  find(key: string): ApiKey | null
  /** The present entry of a key that was found earlier; null when it was taken away, changed or has expired. */
  current(key: ApiKey): ApiKey | null
  /** Called when the file has changed. */
  onChange(listener: () => void): () => void
  close(): void
}

export interface KeyRingOptions {
  readonly file: string
  readonly isProduction: boolean
  readonly logger: Logger
}

/** By polling: it also sees a file that is replaced, or a mounted one. Milliseconds. */
const POLL_INTERVAL_MS = 500

/** Reads the file and follows its changes; a faulty one is refused and the keys stay. Throws ConfigError at the start. */
export function createKeyRing({ file, isProduction, logger }: KeyRingOptions): KeyRing {
  const listeners = new Set<() => void>()
  let keys = read()

  const reload = () => {
    try {
      keys = read()
      logger.info({ keys: keys.map(({ name }) => name) }, 'API keys were read again')
      for (const listener of listeners) listener()
    } catch (error) {
      logger.error({ error }, 'the file of API keys cannot be used; the last one stays')
    }
  }
  watchFile(file, { interval: POLL_INTERVAL_MS, persistent: false }, reload)

  const isValid = ({ expiresAt }: ApiKey) => expiresAt > Date.now()
  return {
    find(key) {
      const found = findKey(keys, key)
      return found && isValid(found) ? found : null
    },
    current({ name, hash }) {
      const found = keys.find((one) => one.name === name && one.hash.equals(hash))
      return found && isValid(found) ? found : null
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => unwatchFile(file, reload),
  }

  function read(): readonly ApiKey[] {
    const all = readYaml(file, keysFileSchema).value.keys
    const [refused, allowed] = isProduction
      ? [all.filter((key) => key.isForDevelopment), all.filter((key) => !key.isForDevelopment)]
      : [[], all]
    if (refused.length > 0)
      logger.warn({ keys: refused.map(({ name }) => name) }, 'keys for development are refused in production')
    return allowed
  }
}
