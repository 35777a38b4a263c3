import { createHash, randomUUID } from 'node:crypto'
import type { Message } from '@mall/contracts'
import { createBatcher } from '@mall/service/batcher'
import type { OrderRecord, OrderRepository } from '../data/order-repository.ts'
import type { SkuSnapshots } from '../data/sku-snapshots.ts'
import { idempotencyConflict } from '../domain/errors.ts'
import type { OrderContent, PaymentMethod } from '../domain/order.ts'
import {
  priceOrRefuse,
  refuseMalformed,
  type Placement,
  type PricedPlacement,
  type Refusal,
} from '../domain/placement.ts'
import { messageOf } from './messages.ts'
import { begin } from './state.ts'

/** What placing an order ends in. */
export type PlaceOutcome = OrderRecord | Refusal | ReturnType<typeof idempotencyConflict>

/** What placing needs from around it. */
export interface PlaceDependencies {
  orders: OrderRepository
  skus: SkuSnapshots
  publish(messages: Message[]): Promise<void>
  /** New order ids, ascending. Throws UNAVAILABLE when none can be had now. */
  takeIds(count: number): Promise<bigint[]>
  clock(): Date
  paymentMethods: readonly PaymentMethod[]
  /** How long a saga may take before it is given up, in milliseconds. */
  deadlineMs: number
  onPublishError(error: unknown): void
}

interface Request {
  customerId: string
  placement: Placement
  inputHash: string
}

/**
 * Makes `place(customerId, placement)`. It answers once the order and its first event are durable; orders that arrive
 * together share one commit. A key that was used answers with the order it made, or with a conflict.
 */
export function createPlaceOrder(deps: PlaceDependencies) {
  const enqueue = createBatcher<Request, PlaceOutcome>({ run: (requests) => placeAll(requests, deps) })
  return async (customerId: string, placement: Placement): Promise<PlaceOutcome> =>
    refuseMalformed(placement, deps.paymentMethods) ??
    enqueue({ customerId, placement, inputHash: hashOf(placement) })
}

async function placeAll(requests: Request[], deps: PlaceDependencies): Promise<PlaceOutcome[]> {
  const known = await deps.skus.load(
    requests.flatMap(({ placement }) => placement.lines.map(({ skuId }) => skuId)),
  )
  const priced = requests.map(({ placement }) => priceOrRefuse(placement, known))
  const ids = await deps.takeIds(requests.length)
  const contents = requests.map((request, index) => {
    const price = priced[index]
    const id = ids[index]
    return price && id !== undefined && 'total' in price ? contentOf(id, request, price, deps) : null
  })
  const inserted = await insertAll(
    contents.filter((content) => content !== null),
    deps,
  )
  const earlier = await findEarlier(
    requests.filter((_, index) => !inserted.has(contents[index]?.id ?? -1n)),
    deps,
  )
  return requests.map((request, index) => {
    const placed = inserted.get(contents[index]?.id ?? -1n)
    if (placed) return placed
    const first = earlier.get(keyOf(request.customerId, request.placement.idempotencyKey))
    if (first) return first.inputHash === request.inputHash ? first : idempotencyConflict()
    const refusal = priced[index]
    if (refusal && '__typename' in refusal) return refusal
    throw new Error('An order was neither inserted nor found by its key')
  })
}

async function insertAll(
  contents: OrderContent[],
  deps: PlaceDependencies,
): Promise<Map<bigint, OrderRecord>> {
  if (contents.length === 0) return new Map()
  const orders = contents.map((content) => ({
    content,
    saga: begin(content.placedAt.toISOString(), content),
  }))
  const ids = await deps.orders.insert(orders)
  const placed = orders
    .filter(({ content }) => ids.has(content.id))
    .map(({ content, saga }) => ({ ...saga, ...content, version: 1, updatedAt: content.placedAt }))
  // Not awaited: the order is durable, and what this loses the sweeper sends.
  deps
    .publish(placed.map((order) => messageOf({ type: 'order-placed' }, order, null)))
    .catch(deps.onPublishError)
  return new Map(placed.map((order) => [order.id, order]))
}

async function findEarlier(requests: Request[], deps: PlaceDependencies): Promise<Map<string, OrderRecord>> {
  if (requests.length === 0) return new Map()
  const keys = requests.map(({ customerId, placement }) => ({
    customerId,
    idempotencyKey: placement.idempotencyKey,
  }))
  const found = await deps.orders.findByKeys(keys)
  return new Map(found.map((order) => [keyOf(order.customerId, order.idempotencyKey), order]))
}

function contentOf(
  id: bigint,
  request: Request,
  price: PricedPlacement,
  deps: PlaceDependencies,
): OrderContent {
  const placedAt = deps.clock()
  return {
    id,
    customerId: request.customerId,
    idempotencyKey: request.placement.idempotencyKey,
    inputHash: request.inputHash,
    ...price,
    shippingAddress: request.placement.shippingAddress,
    paymentMethod: request.placement.paymentMethod,
    correlationId: randomUUID(),
    placedAt,
    deadlineAt: new Date(placedAt.getTime() + deps.deadlineMs),
  }
}

const keyOf = (customerId: string, key: string) => JSON.stringify([customerId, key])

function hashOf(placement: Placement): string {
  const { lines, shippingAddress: a, paymentMethod, flashSaleId } = placement
  const meaning = [
    lines.map(({ skuId, quantity }) => [skuId, quantity]),
    [a.recipient, a.phone, a.region, a.city, a.line1, a.line2, a.postalCode],
    paymentMethod,
    flashSaleId,
  ]
  return createHash('sha256').update(JSON.stringify(meaning)).digest('base64url')
}
