import { createLru } from '@mall/service/lru'

/** What a request's URL says, worked out once for each. */
export interface Target {
  readonly origin: string
  /** How a POST to it begins. */
  readonly beginning: string
}

/** Instances come and go. */
const MAX_TARGETS = 1_000
const targets = createLru<string, Target>(MAX_TARGETS)

export function targetOf(url: string): Target {
  const known = targets.get(url)
  if (known) return known
  const { origin, pathname, search, host } = new URL(url)
  const made = { origin, beginning: `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n` }
  targets.set(url, made)
  return made
}
