import { admissionInvalid, insufficientStock, invalidInput, skuUnavailable } from './errors.ts'
import type { Address, CurrencyCode, OrderLine, PaymentMethod } from './order.ts'

/** What a customer asks for. */
export interface Placement {
  lines: { skuId: string; quantity: number }[]
  shippingAddress: Address
  paymentMethod: PaymentMethod
  flashSaleId: string | null
  admissionToken: string | null
  idempotencyKey: string
}

/** What orders know of a SKU. `price` in minor units; `available` is a hint, null when nothing was heard. */
export interface SkuKnowledge {
  id: string
  productId: string
  code: string
  name: string
  options: { name: string; value: string }[]
  price: number
  currency: CurrencyCode
  archived: boolean
  available: number | null
}

/** Why a placement is refused. */
export type Refusal =
  | ReturnType<typeof invalidInput>
  | ReturnType<typeof skuUnavailable>
  | ReturnType<typeof insufficientStock>
  | ReturnType<typeof admissionInvalid>

/** A placement with its prices. `total` in minor units of `currency`. */
export interface PricedPlacement {
  lines: OrderLine[]
  total: number
  currency: CurrencyCode
}

/** Bounds of an order, from api.graphql: "quantity out of 1…1,000, no lines, a repeated SKU, an address field". */
export const limits = { quantity: 1_000, lines: 100, text: 200, key: 200 } as const

const addressFields = ['recipient', 'phone', 'region', 'city', 'line1', 'line2', 'postalCode'] as const
const optionalAddressFields: readonly string[] = ['line2', 'postalCode']

/** What is wrong with a placement by itself, or null. */
export function refuseMalformed(placement: Placement, methods: readonly PaymentMethod[]): Refusal | null {
  return (
    refuseKey(placement) ??
    refuseLines(placement.lines) ??
    refuseAddress(placement.shippingAddress) ??
    refusePayment(placement.paymentMethod, methods) ??
    // Flash sales are entered at products; no token can be valid before that exists.
    (placement.flashSaleId === null ? null : admissionInvalid())
  )
}

/** Prices a well-formed placement from what is known of its SKUs, or says why it cannot be. */
export function priceOrRefuse(
  placement: Placement,
  known: ReadonlyMap<string, SkuKnowledge>,
): PricedPlacement | Refusal {
  const lines: OrderLine[] = []
  const shortages = []
  let currency: CurrencyCode | null = null
  for (const [index, { skuId, quantity }] of placement.lines.entries()) {
    const sku = known.get(skuId)
    if (!sku || sku.archived) return skuUnavailable(skuId)
    if (currency !== null && sku.currency !== currency)
      return invalidInput(`lines.${index}.skuId`, 'All articles of an order must have the same currency.')
    currency = sku.currency
    if (sku.available !== null && sku.available < quantity)
      shortages.push({ skuId, requested: quantity, available: sku.available })
    const { productId, code: skuCode, name, options, price: unitPrice } = sku
    lines.push({ skuId, productId, skuCode, name, options, quantity, unitPrice })
  }
  if (shortages.length > 0) return insufficientStock(shortages)
  const total = lines.reduce((sum, line) => sum + line.unitPrice * line.quantity, 0)
  if (!Number.isSafeInteger(total)) return invalidInput('lines', 'The total is too large.')
  return { lines, total, currency: currency ?? 'CNY' }
}

function refuseKey({ idempotencyKey }: Placement): Refusal | null {
  if (idempotencyKey.trim() !== '' && idempotencyKey.length <= limits.key) return null
  return invalidInput('idempotencyKey', `An idempotency key has 1 to ${limits.key} characters.`)
}

function refuseLines(lines: Placement['lines']): Refusal | null {
  if (lines.length === 0) return invalidInput('lines', 'An order needs at least one line.')
  if (lines.length > limits.lines) return invalidInput('lines', `An order has at most ${limits.lines} lines.`)
  const seen = new Set<string>()
  for (const [index, { skuId, quantity }] of lines.entries()) {
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > limits.quantity)
      return invalidInput(
        `lines.${index}.quantity`,
        `Order 1 to ${limits.quantity.toLocaleString('en')} units.`,
      )
    if (seen.has(skuId))
      return invalidInput(`lines.${index}.skuId`, 'Each article can be in an order only once.')
    seen.add(skuId)
  }
  return null
}

function refuseAddress(address: Address): Refusal | null {
  for (const field of addressFields) {
    const value = address[field]
    const isMissing = value === null || value.trim() === ''
    if (isMissing && !optionalAddressFields.includes(field))
      return invalidInput(`shippingAddress.${field}`, 'This field is needed.')
    if (value !== null && value.length > limits.text)
      return invalidInput(`shippingAddress.${field}`, `At most ${limits.text} characters.`)
  }
  return null
}

function refusePayment(method: PaymentMethod, methods: readonly PaymentMethod[]): Refusal | null {
  return methods.includes(method) ? null : invalidInput('paymentMethod', `Pay by ${methods.join(' or ')}.`)
}
