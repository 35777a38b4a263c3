/** Names of operations beside those that are registered: the first so many that come. */
export const MAX_OTHER_NAMES = 100
const MAX_LENGTH = 64

/**
 * Names of operations as labels: clients choose them, and must not make as many series as they like. Registered names
 * always have their own; of others the first hundred do, and the rest are `other`.
 */
export function createOperationNames(registered: ReadonlySet<string>): (name: string | undefined) => string {
  const others = new Set<string>()
  return (name) => {
    if (name === undefined) return 'anonymous'
    if (registered.has(name) || others.has(name)) return name
    if (others.size >= MAX_OTHER_NAMES || name.length > MAX_LENGTH) return 'other'
    others.add(name)
    return name
  }
}
