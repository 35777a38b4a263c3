/** The first service of the chain: it answers when every other has done its part. */
import { randomUUID } from 'node:crypto'
import { priceOrRefuse, refuseMalformed } from '../../../subgraphs/orders/src/domain/placement.ts'
import type { OrderContent } from '../../../subgraphs/orders/src/domain/order.ts'
import { createSnowflake } from '../../../subgraphs/orders/src/domain/snowflake.ts'
import { createCaller } from '../http.ts'
import type { OrderRequest } from '../request.ts'
import { runService } from './service.ts'
import { hashOf, type Steps } from './steps.ts'

const products = createCaller(process.env.PRODUCTS_URL ?? '')
const payment = createCaller(process.env.PAYMENT_URL ?? '')
const warehouse = createCaller(process.env.WAREHOUSE_URL ?? '')
const ids = createSnowflake({ workerId: 1, from: Date.now(), until: Infinity })

runService('orders', (steps) => ({
  '/orders': async (body) => {
    const order = await price(steps, body as OrderRequest)
    await steps.place(order)
    const [line] = order.lines
    if (!line) throw new Error('An order has a line')
    const { skuId, productId, quantity } = line
    const units = { orderId: String(order.id), skuId, productId, quantity }
    const { region, city } = order.shippingAddress
    await products.call('/reserve', units)
    await payment.call('/pay', { ...units, amount: order.total, currency: order.currency, region, city })
    await warehouse.call('/allocate', { ...units, warehouseId: 'wh-shanghai' })
    await steps.confirm(order)
    await products.call('/sell', units)
    return { id: String(order.id) }
  },
}))

/** The same rules as in the saga. */
async function price(steps: Steps, { customerId, placement }: OrderRequest): Promise<OrderContent> {
  const refusal = refuseMalformed(placement, ['SANDBOX'])
  const sku = await steps.knowSku(placement.lines[0]?.skuId ?? '')
  const priced = priceOrRefuse(placement, new Map([[sku.id, sku]]))
  const id = ids.next()
  if (refusal || '__typename' in priced || id === null) throw new Error('This order cannot be placed')
  const { lines, shippingAddress, paymentMethod, flashSaleId, idempotencyKey } = placement
  const placedAt = new Date()
  return {
    id,
    customerId,
    idempotencyKey,
    inputHash: hashOf([lines, shippingAddress, paymentMethod, flashSaleId]),
    ...priced,
    shippingAddress,
    paymentMethod,
    correlationId: randomUUID(),
    placedAt,
    deadlineAt: new Date(placedAt.getTime() + 600_000),
  }
}
