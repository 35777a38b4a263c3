/** Numbers that are the same in every run of the same seed. */
export interface Random {
  /** 0 up to, not including, `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Some of the items, at least one of them, in their order. */
  some<Item>(items: readonly Item[], most: number): Item[]
}

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('there is nothing to pick from')
    return item
  }
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    some(items, most) {
      const wanted = new Set(Array.from({ length: 1 + below(most) }, () => pick(items)))
      return items.filter((item) => wanted.has(item))
    },
  }
}

/** FNV-1a: a number that depends on nothing but the text. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0
  return (value ^ (value >>> 15)) >>> 0
}
