/** Where an attempt to order is remembered; sessionStorage in the browser, so that a reload goes on with it. */
export interface AttemptMemory {
  get(): string | null
  set(value: string | null): void
}

/**
 * The idempotency key of an order that is about to be sent. The same content has the same key until it was answered,
 * so a double click, a retry or a reload cannot order twice; other content is another order and gets a new key.
 */
export function keyOfAttempt(memory: AttemptMemory, content: object, newKey: () => string): string {
  const fingerprint = JSON.stringify(content)
  const known = parse(memory.get())
  if (known?.fingerprint === fingerprint) return known.key
  const key = newKey()
  memory.set(JSON.stringify({ key, fingerprint }))
  return key
}

/** After the order exists: ordering the same again is meant. */
export function forgetAttempt(memory: AttemptMemory): void {
  memory.set(null)
}

function parse(stored: string | null): { key: string; fingerprint: string } | null {
  try {
    const value: unknown = JSON.parse(stored ?? 'null')
    if (typeof value !== 'object' || value === null || !('key' in value) || !('fingerprint' in value))
      return null
    const { key, fingerprint } = value
    return typeof key === 'string' && typeof fingerprint === 'string' ? { key, fingerprint } : null
  } catch {
    return null
  }
}
