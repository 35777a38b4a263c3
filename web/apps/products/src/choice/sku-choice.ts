/** What choosing needs to know of a SKU. */
export interface Choosable {
  readonly id: string
  readonly options: readonly { readonly name: string; readonly value: string }[]
  readonly stock: { readonly available: number }
}

/** Chosen value by option name. */
export type Choice = Readonly<Record<string, string>>

export interface OptionGroup {
  readonly name: string
  readonly values: readonly string[]
}

/** Options in the order in which the SKUs name them. */
export function groupOptions(skus: readonly Choosable[]): OptionGroup[] {
  const groups = new Map<string, Set<string>>()
  for (const { name, value } of skus.flatMap(({ options }) => options))
    groups.set(name, (groups.get(name) ?? new Set()).add(value))
  return [...groups].map(([name, values]) => ({ name, values: [...values] }))
}

export function choiceOf(sku: Choosable): Choice {
  return Object.fromEntries(sku.options.map(({ name, value }) => [name, value]))
}

/** The SKU to begin with: the first that can be bought, else the first. */
export function firstChoice<T extends Choosable>(skus: readonly T[]): T | null {
  return skus.find(({ stock }) => stock.available > 0) ?? skus[0] ?? null
}

/**
 * The SKU after clicking on a value. What was chosen besides stays if such a SKU exists; else the one with that value
 * that keeps most of it, and among equals one that can be bought: a click never leads nowhere.
 */
export function chooseValue<T extends Choosable>(
  skus: readonly T[],
  choice: Choice,
  name: string,
  value: string,
): T | null {
  const wanted = { ...choice, [name]: value }
  const score = (sku: T) => {
    const kept = Object.entries(choiceOf(sku)).filter(([key, chosen]) => wanted[key] === chosen).length
    return kept * 2 + (sku.stock.available > 0 ? 1 : 0)
  }
  const candidates = skus.filter((sku) => choiceOf(sku)[name] === value)
  return candidates.reduce<T | null>((best, sku) => (best && score(best) >= score(sku) ? best : sku), null)
}

/** Whether a value goes with what is chosen besides: `other` means that clicking it changes another option too. */
export function stateOfValue(
  skus: readonly Choosable[],
  choice: Choice,
  name: string,
  value: string,
): 'available' | 'soldOut' | 'other' {
  const wanted = Object.entries({ ...choice, [name]: value })
  const exact = skus.find((sku) => wanted.every(([key, chosen]) => choiceOf(sku)[key] === chosen))
  if (!exact) return 'other'
  return exact.stock.available > 0 ? 'available' : 'soldOut'
}
