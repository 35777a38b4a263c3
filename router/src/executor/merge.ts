import { getOwn, isJsonObject, setOwn, type JsonObject } from './json.ts'

/** Merges what a service answered into what is known: objects by key, lists of one length item by item. */
export function merge(target: JsonObject, source: JsonObject): void {
  for (const key in source) {
    const value = source[key]
    if (value === undefined) continue
    if (typeof value !== 'object' || value === null) setOwn(target, key, value)
    else {
      const known = key === '__proto__' ? getOwn(target, key) : target[key]
      if (!mergeInto(known, value)) setOwn(target, key, value)
    }
  }
}

/** False where the two cannot be merged, and the newer one counts. */
function mergeInto(known: unknown, value: object): boolean {
  if (typeof known !== 'object' || known === null) return false
  if (Array.isArray(value)) {
    if (!Array.isArray(known) || known.length !== value.length) return false
    const items: unknown[] = value
    items.forEach((item, index) => {
      const isMerged = typeof item === 'object' && item !== null && mergeInto(known[index], item)
      if (!isMerged) known[index] = item
    })
    return true
  }
  if (!isJsonObject(known) || !isJsonObject(value)) return false
  merge(known, value)
  return true
}
