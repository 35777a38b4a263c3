/** How far an order has come. */
export type OrderStatus =
  | 'PLACED'
  | 'STOCK_RESERVED'
  | 'AWAITING_PAYMENT'
  | 'PAID'
  | 'CONFIRMED'
  | 'SHIPPED'
  | 'DELIVERED'
  | 'CANCELLING'
  | 'CANCELLED'
  | 'REFUNDED'

/** How an order is paid. SANDBOX captures at once: development and tests only. */
export type PaymentMethod = 'ALIPAY' | 'SANDBOX'

/** ISO 4217 codes that the mall trades in. */
export type CurrencyCode = 'CNY' | 'USD' | 'EUR'

/** A SKU as it was when ordered. `unitPrice` in minor units. */
export interface OrderLine {
  skuId: string
  productId: string
  skuCode: string
  name: string
  options: { name: string; value: string }[]
  quantity: number
  unitPrice: number
}

/** Where an order goes. */
export interface Address {
  recipient: string
  phone: string
  region: string
  city: string
  line1: string
  line2: string | null
  postalCode: string | null
}

/** What a customer bought; does not change once placed. `total` in minor units of `currency`. */
export interface OrderContent {
  id: bigint
  customerId: string
  idempotencyKey: string
  inputHash: string
  lines: OrderLine[]
  total: number
  currency: CurrencyCode
  shippingAddress: Address
  paymentMethod: PaymentMethod
  correlationId: string
  placedAt: Date
  deadlineAt: Date
}
