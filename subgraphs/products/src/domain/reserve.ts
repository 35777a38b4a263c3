/** Units of a SKU; `version` grows with every change. */
export interface StockState {
  skuId: string
  available: number
  reserved: number
  sold: number
  version: number
}

/** Units asked for, of several SKUs. */
export interface ReservationLine {
  skuId: string
  productId: string
  quantity: number
}

/** A SKU with too few units. */
export interface Shortage {
  skuId: string
  requested: number
  available: number
}

/** How far a reservation has come. */
export type ReservationStatus = 'RESERVED' | 'REJECTED' | 'COMMITTED' | 'RELEASED'

/** What is held for an order. */
export interface Reservation {
  orderId: bigint
  status: ReservationStatus
  lines: ReservationLine[]
  shortages: Shortage[]
}

/** Stock by SKU while a batch is decided; decisions change it. */
export type Shelf = Map<string, StockState>

/** A shelf of zeros: what decisions make of it is what they change, whatever there is. */
export const blankShelf = (lines: readonly ReservationLine[]): Shelf =>
  new Map(
    lines.map(({ skuId }) => [skuId, { skuId, available: 0, reserved: 0, sold: 0, version: 0 }] as const),
  )

/** Holds all units of an order or none: what cannot be had is returned, and then nothing was taken. */
export function reserve(shelf: Shelf, lines: readonly ReservationLine[]): Shortage[] {
  const shortages = lines
    .map(({ skuId, quantity }) => ({
      skuId,
      requested: quantity,
      available: shelf.get(skuId)?.available ?? 0,
    }))
    .filter(({ requested, available }) => available < requested)
  if (shortages.length === 0) hold(shelf, lines)
  return shortages
}

/** Holds units, of which it is known that they are there. */
export function hold(shelf: Shelf, lines: readonly ReservationLine[]): void {
  for (const { skuId, quantity } of lines) change(shelf, skuId, { available: -quantity, reserved: quantity })
}

/** Makes held units sold. False when there is nothing to make: released before, or sold already. */
export function commit(shelf: Shelf, { status, lines }: Reservation): boolean {
  if (status !== 'RESERVED') return false
  for (const { skuId, quantity } of lines) change(shelf, skuId, { reserved: -quantity, sold: quantity })
  return true
}

/** Gives units back, held or sold. False when there is nothing to give. */
export function release(shelf: Shelf, { status, lines }: Reservation): boolean {
  if (status !== 'RESERVED' && status !== 'COMMITTED') return false
  const from = status === 'RESERVED' ? 'reserved' : 'sold'
  for (const { skuId, quantity } of lines) change(shelf, skuId, { available: quantity, [from]: -quantity })
  return true
}

/** Makes sold units that came back sellable again. */
export function takeBack(shelf: Shelf, lines: readonly ReservationLine[]): void {
  for (const { skuId, quantity } of lines) change(shelf, skuId, { available: quantity, sold: -quantity })
}

function change(
  shelf: Shelf,
  skuId: string,
  by: { available?: number; reserved?: number; sold?: number },
): void {
  const state = shelf.get(skuId)
  if (!state) throw new RangeError(`There is no stock of SKU ${skuId}`)
  shelf.set(skuId, {
    skuId,
    available: state.available + (by.available ?? 0),
    reserved: state.reserved + (by.reserved ?? 0),
    sold: state.sold + (by.sold ?? 0),
    version: state.version + 1,
  })
}
