/** Units of one SKU that somebody means to buy. Prices and names are not kept: the graph has the present ones. */
export interface CartLine {
  readonly skuId: string
  readonly quantity: number
}

/** What an order may hold (api.graphql, "Which error"). */
const MOST_UNITS = 1_000
const MOST_LINES = 100

/** Adds to what is there of this SKU; a new one comes first. */
export function addUnits(lines: readonly CartLine[], { skuId, quantity }: CartLine): CartLine[] {
  const before = lines.find((line) => line.skuId === skuId)
  if (before) return setUnits(lines, skuId, before.quantity + quantity)
  return [{ skuId, quantity: clamp(quantity) }, ...lines].slice(0, MOST_LINES)
}

export function setUnits(lines: readonly CartLine[], skuId: string, quantity: number): CartLine[] {
  return lines.map((line) => (line.skuId === skuId ? { skuId, quantity: clamp(quantity) } : line))
}

/** Takes away what was ordered; what another tab added meanwhile stays. */
export function subtractLines(lines: readonly CartLine[], ordered: readonly CartLine[]): CartLine[] {
  const units = new Map(ordered.map(({ skuId, quantity }) => [skuId, quantity]))
  return lines
    .map(({ skuId, quantity }) => ({ skuId, quantity: quantity - (units.get(skuId) ?? 0) }))
    .filter(({ quantity }) => quantity > 0)
}

export function countUnits(lines: readonly CartLine[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0)
}

/** Reads what is stored. It may be of an older shop or edited by hand: what is not a line is dropped, repeats are joined. */
export function parseLines(stored: string): CartLine[] {
  const items = parseJson(stored)
  if (!Array.isArray(items)) return []
  return items.filter(isLine).reduceRight<CartLine[]>((lines, line) => addUnits(lines, line), [])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isLine(item: unknown): item is CartLine {
  if (typeof item !== 'object' || item === null || !('skuId' in item) || !('quantity' in item)) return false
  return typeof item.skuId === 'string' && Number.isInteger(item.quantity) && Number(item.quantity) > 0
}

function clamp(quantity: number): number {
  return Math.min(Math.max(Math.trunc(quantity), 1), MOST_UNITS)
}
