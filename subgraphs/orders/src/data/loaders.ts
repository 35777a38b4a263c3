import DataLoader from 'dataloader'
import type { OrderEvent } from '../generated/prisma/client.ts'
import type { PaymentRecord, PaymentRepository } from '../participants/payment/payment-repository.ts'
import type { AllocationRecord, WarehouseRepository } from '../participants/warehouse/warehouse-repository.ts'
import type { Database } from './database.ts'
import type { OrderSource } from './order-cache.ts'
import type { OrderRecord } from './order-repository.ts'

/** One per request: what one answer needs of a kind is read by one statement. */
export type Loaders = ReturnType<typeof createLoaders>

export function createLoaders(sources: {
  db: Database
  orders: OrderSource
  cache: OrderSource
  payments: PaymentRepository
  warehouses: WarehouseRepository
}) {
  const { db, orders, cache, payments, warehouses } = sources
  return {
    /** For answers. May be a moment old, though never older than a change that its own process or a mutation's answer told of. */
    order: new DataLoader<bigint, OrderRecord | null>(async (ids) =>
      inOrder(ids, await cache.findMany(ids), ({ id }) => id),
    ),
    /** For decisions, and for what follows an order: as the database has it. */
    orderNow: new DataLoader<bigint, OrderRecord | null>(async (ids) =>
      inOrder(ids, await orders.findMany(ids), ({ id }) => id),
    ),
    payment: new DataLoader<bigint, PaymentRecord | null>(async (ids) =>
      inOrder(ids, await payments.findMany(ids), ({ orderId }) => orderId),
    ),
    allocation: new DataLoader<bigint, AllocationRecord | null>(async (ids) =>
      inOrder(ids, await warehouses.findAllocations(ids), ({ orderId }) => orderId),
    ),
    timeline: new DataLoader<bigint, OrderEvent[]>(async (ids) => {
      const events = await db.orderEvent.findMany({
        where: { orderId: { in: [...ids] } },
        orderBy: [{ orderId: 'asc' }, { version: 'asc' }],
      })
      const byOrder = Map.groupBy(events, ({ orderId }) => orderId)
      return ids.map((id) => byOrder.get(id) ?? [])
    }),
    soldCount: new DataLoader<string, number>(async (productIds) => {
      const sales = await db.productSale.findMany({ where: { productId: { in: [...productIds] } } })
      const byProduct = new Map(sales.map(({ productId, sold }) => [productId, sold]))
      return productIds.map((id) => byProduct.get(id) ?? 0)
    }),
    warehouseNames: new DataLoader<string, string>(async (ids) => {
      const names = new Map((await warehouses.warehouses()).map(({ id, name }) => [id, name]))
      return ids.map((id) => names.get(id) ?? id)
    }),
  }
}

function inOrder<Id, T>(ids: readonly Id[], found: readonly T[], idOf: (one: T) => Id): (T | null)[] {
  const byId = new Map(found.map((one) => [idOf(one), one]))
  return ids.map((id) => byId.get(id) ?? null)
}
