import type { WarehouseAllocated } from '@mall/contracts'

/** A warehouse that goods can leave from. */
export interface Warehouse {
  id: string
  name: string
  region: string
  position: number
}

/** Goods of an order by the warehouse they leave from. */
export type Allocations = WarehouseAllocated['allocations']

/** What is asked of the warehouses for one order. */
export interface Demand {
  lines: readonly { skuId: string; quantity: number }[]
  region: string
}

/** Units per warehouse and SKU. */
export type Shelves = Map<string, Map<string, number>>

/** The region that no warehouse delivers to, so that a failing allocation can be provoked. */
export const undeliverableRegion = 'nowhere'

/**
 * Decides where an order's goods come from and takes them off the shelves: one warehouse that has all, the nearest
 * first; else from several, each giving what it has. Takes nothing and says why when that is not enough.
 */
export function allocate(
  demand: Demand,
  warehouses: readonly Warehouse[],
  shelves: Shelves,
): Allocations | { reason: string } {
  if (isRegion(demand.region, undeliverableRegion))
    return { reason: `No warehouse delivers to ${demand.region}.` }
  const nearest = warehouses.toSorted(
    (a, b) =>
      Number(isRegion(demand.region, b.region)) - Number(isRegion(demand.region, a.region)) ||
      a.position - b.position,
  )
  const whole = nearest.find(({ id }) =>
    demand.lines.every(({ skuId, quantity }) => unitsIn(shelves, id, skuId) >= quantity),
  )
  const allocations = whole
    ? [{ warehouseId: whole.id, lines: demand.lines.map(({ skuId, quantity }) => ({ skuId, quantity })) }]
    : split(demand, nearest, shelves)
  if (!allocations) return { reason: 'The warehouses do not have all goods of this order.' }
  for (const { warehouseId, lines } of allocations)
    for (const { skuId, quantity } of lines) put(shelves, warehouseId, skuId, -quantity)
  return allocations
}

/** Adds units (or with a negative number takes them) on a shelf. */
export function put(shelves: Shelves, warehouseId: string, skuId: string, units: number): void {
  const shelf = shelves.get(warehouseId) ?? new Map<string, number>()
  shelf.set(skuId, (shelf.get(skuId) ?? 0) + units)
  shelves.set(warehouseId, shelf)
}

function split(demand: Demand, nearest: readonly Warehouse[], shelves: Shelves): Allocations | null {
  const parts = new Map<string, Allocations[number]['lines']>()
  for (const { skuId, quantity } of demand.lines) {
    let missing = quantity
    for (const { id } of nearest) {
      const taken = Math.min(missing, Math.max(unitsIn(shelves, id, skuId), 0))
      if (taken > 0) parts.set(id, [...(parts.get(id) ?? []), { skuId, quantity: taken }])
      missing -= taken
    }
    if (missing > 0) return null
  }
  return [...parts].map(([warehouseId, lines]) => ({ warehouseId, lines }))
}

const unitsIn = (shelves: Shelves, warehouseId: string, skuId: string) =>
  shelves.get(warehouseId)?.get(skuId) ?? 0
const isRegion = (a: string, b: string) => a.trim().toLowerCase() === b.toLowerCase()
