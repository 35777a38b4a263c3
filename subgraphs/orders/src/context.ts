import type { Viewer } from '@mall/access'
import type { Loaders } from './data/loaders.ts'
import type { OrderCache } from './data/order-cache.ts'
import type { OrderRepository } from './data/order-repository.ts'
import type { OrderWatch } from './data/order-watch.ts'
import type { WarehouseRepository } from './participants/warehouse/warehouse-repository.ts'
import type { createPlaceOrder } from './saga/place.ts'
import type { SagaManager } from './saga/manager.ts'

/** What every resolver gets: who asks, and what this process offers. Loaders are fresh per request. */
export interface Context {
  viewer: Viewer | null
  orders: OrderRepository
  cache: Pick<OrderCache, 'forget'>
  loaders: Loaders
  placeOrder: ReturnType<typeof createPlaceOrder>
  saga: SagaManager
  warehouses: Pick<WarehouseRepository, 'warehouses'>
  watch: OrderWatch
}
