import type { Database } from '../data/database.ts'
import type { AnnounceStock } from './announce.ts'
import { defaultWarehouse, moveStock, type Moved } from './ledger.ts'

/** The classic answer of `deductStock`. */
export interface Deducted {
  success: boolean
  remaining: number
  errorCode: 'SKU_NOT_FOUND' | 'INSUFFICIENT_STOCK' | 'INVALID_QUANTITY' | null
}

/** Moves stock by hand: for staff, and for systems that know only the classic call. */
export type StockDesk = ReturnType<typeof createStockDesk>

export function createStockDesk(deps: { db: Database; announce: AnnounceStock; onMoved(): void }) {
  async function move(movement: Parameters<typeof moveStock>[1]): Promise<Moved> {
    const moved = await moveStock(deps.db, movement)
    if ('changed' in moved && moved.changed.length > 0) {
      await deps.announce(moved.changed)
      deps.onMoved()
    }
    return moved
  }

  return {
    /** Adds units, or takes them with a negative delta. */
    adjust: (request: {
      skuId: string
      delta: number
      reason: string
      warehouseId: string | null
      key: string
    }) =>
      move({
        skuId: request.skuId,
        delta: request.delta,
        reason: request.reason,
        warehouseId: request.warehouseId ?? defaultWarehouse,
        key: `adjust:${request.key}`,
      }),

    /** Takes units at once. A repeat with one trace id gets the first answer; an unknown SKU has -1 remaining. */
    async deduct(skuId: string, quantity: number, traceId: string): Promise<Deducted> {
      if (quantity < 1)
        return { success: false, remaining: await remaining(skuId), errorCode: 'INVALID_QUANTITY' }
      const moved = await move({
        skuId,
        delta: -quantity,
        reason: `deductStock ${traceId}`,
        warehouseId: defaultWarehouse,
        key: `deduct:${traceId}`,
      })
      if (moved.status === 'unknown') return { success: false, remaining: -1, errorCode: 'SKU_NOT_FOUND' }
      if (moved.status === 'conflict')
        return { success: false, remaining: await remaining(skuId), errorCode: 'INVALID_QUANTITY' }
      const success = moved.status === 'done'
      return { success, remaining: moved.remaining, errorCode: success ? null : 'INSUFFICIENT_STOCK' }
    },
  }

  async function remaining(skuId: string): Promise<number> {
    return (await deps.db.stock.findUnique({ where: { skuId } }))?.available ?? -1
  }
}
