import type { Database } from '../../data/database.ts'
import type { Address } from '../../domain/order.ts'

/**
 * Where the recipients of orders can be reached. Events carry no phone numbers, so that they are not copied into topics
 * that are kept for days; the one place that knows them is asked when a message is sent.
 */
export interface Recipients {
  /** Phone numbers by order id; unknown orders are left out. */
  phones(orderIds: readonly bigint[]): Promise<Map<bigint, string>>
}

/** Reads them from the orders, in the same database for now. */
export const createOrderRecipients = (db: Database): Recipients => ({
  async phones(orderIds) {
    const rows = await db.order.findMany({
      where: { id: { in: [...new Set(orderIds)] } },
      select: { id: true, shippingAddress: true },
    })
    return new Map(rows.map(({ id, shippingAddress }) => [id, (shippingAddress as unknown as Address).phone]))
  },
})
