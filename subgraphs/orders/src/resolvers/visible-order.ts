import type { OrderRecord } from '../data/order-repository.ts'
import type { Context } from '../context.ts'

/** The order with this id when the viewer may see it: their own, or any with orders:read. Otherwise null. */
export async function findVisibleOrder(
  id: string,
  { viewer, loaders }: Pick<Context, 'viewer' | 'loaders'>,
): Promise<OrderRecord | null> {
  if (!viewer) return null
  const order = await findOrder(id, loaders)
  const isVisible = order && (order.customerId === viewer.id || viewer.scopes.includes('orders:read'))
  return isVisible ? order : null
}

/** The order with this id, whoever asks; null when there is none. */
export async function findOrder(id: string, loaders: Context['loaders']): Promise<OrderRecord | null> {
  const orderId = parseOrderId(id)
  return orderId === null ? null : loaders.order.load(orderId)
}

/** A Snowflake id from its decimal form; null for anything else. */
function parseOrderId(id: string): bigint | null {
  if (!/^[0-9]{1,19}$/.test(id)) return null
  const value = BigInt(id)
  return value <= 2n ** 63n - 1n ? value : null
}
