import type { OrderRecord } from '../data/order-repository.ts'
import type { Context } from '../context.ts'

type Reader = Pick<Context, 'viewer' | 'loaders'>

/**
 * The order with this id when the viewer may see it: their own, or any with orders:read. Otherwise null. May come from
 * the cache; who may see it is decided here, on what came.
 */
export const findVisibleOrder = (id: string, { viewer, loaders }: Reader) =>
  loadVisible(id, viewer, loaders.order)

/** The same as the database has it, for who decides by it or follows it. */
export const findVisibleOrderNow = (id: string, { viewer, loaders }: Reader) =>
  loadVisible(id, viewer, loaders.orderNow)

/** The order with this id as the database has it, whoever asks; null when there is none. */
export const findOrderNow = (id: string, loaders: Context['loaders']) => load(id, loaders.orderNow)

async function loadVisible(
  id: string,
  viewer: Context['viewer'],
  loader: OrderLoader,
): Promise<OrderRecord | null> {
  if (!viewer) return null
  const order = await load(id, loader)
  const isVisible = order && (order.customerId === viewer.id || viewer.scopes.includes('orders:read'))
  return isVisible ? order : null
}

type OrderLoader = Context['loaders']['order']

async function load(id: string, loader: OrderLoader): Promise<OrderRecord | null> {
  const orderId = parseOrderId(id)
  return orderId === null ? null : loader.load(orderId)
}

/** A Snowflake id from its decimal form; null for anything else. */
function parseOrderId(id: string): bigint | null {
  if (!/^[0-9]{1,19}$/.test(id)) return null
  const value = BigInt(id)
  return value <= 2n ** 63n - 1n ? value : null
}
