import { randomUUID } from 'node:crypto'
import type { Placement } from '../../subgraphs/orders/src/domain/placement.ts'

/** What is posted to the front of either side. */
export interface OrderRequest {
  customerId: string
  placement: Placement
}

/** The article with a number; both sides sell the same. */
export const skuIdOf = (index: number) => `sku-bench-${index}`

/** An order for one unit of one of the first `skus` articles. */
export function randomOrder(skus: number): OrderRequest {
  return {
    customerId: `customer-${Math.floor(Math.random() * 1_000)}`,
    placement: {
      lines: [{ skuId: skuIdOf(Math.floor(Math.random() * skus)), quantity: 1 }],
      shippingAddress: {
        recipient: '王小明',
        phone: '+8613800138000',
        region: 'Shanghai',
        city: 'Shanghai',
        line1: '1 Nanjing Road',
        line2: null,
        postalCode: null,
      },
      paymentMethod: 'SANDBOX',
      flashSaleId: null,
      admissionToken: null,
      idempotencyKey: randomUUID(),
    },
  }
}
