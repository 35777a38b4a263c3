import type { Context } from '../context.ts'
import type { OrderRecord } from '../data/order-repository.ts'
import {
  idempotencyConflict,
  invalidInput,
  orderNotDeliverable,
  orderNotFound,
  orderNotRefundable,
  orderNotReturnable,
  orderNotShippable,
} from '../domain/errors.ts'
import type { MutationResolvers } from '../generated/graphql.ts'
import {
  refundable,
  refuseRefund,
  refuseReturn,
  returnable,
  type AfterSaleRefusal,
} from '../saga/after-sale.ts'
import type { SagaEvent } from '../saga/state.ts'
import { move } from './move.ts'
import { findOrderNow } from './visible-order.ts'

export const shipOrder: MutationResolvers['shipOrder'] = async (_parent, { id, trackingNumber }, context) => {
  const fault = textFault('trackingNumber', trackingNumber, 64)
  if (fault) return fault
  const order = await findOrderNow(id, context.loaders)
  if (!order) return orderNotFound()
  const now = await move(order, { type: 'ship-requested', trackingNumber: trackingNumber.trim() }, context)
  return now.status === 'SHIPPED' && order.status === 'CONFIRMED' ? now : orderNotShippable(order.status)
}

export const markDelivered: MutationResolvers['markDelivered'] = async (_parent, { id }, context) => {
  const order = await findOrderNow(id, context.loaders)
  if (!order) return orderNotFound()
  const now = await move(order, { type: 'delivery-reported' }, context)
  return now.status === 'DELIVERED' ? now : orderNotDeliverable(order.status)
}

export const refundOrder: MutationResolvers['refundOrder'] = async (_parent, args, context) => {
  const { id, reason, idempotencyKey: refundId } = args
  const fault = textFault('reason', reason, 200) ?? textFault('idempotencyKey', refundId, 64)
  if (fault) return fault
  if (typeof args.amount === 'number' && args.amount < 1)
    return invalidInput('amount', 'Give back at least 1 minor unit.')
  const order = await findOrderNow(id, context.loaders)
  if (!order) return orderNotFound()
  const earlier = order.refunds.find((refund) => refund.id === refundId)
  const amount = args.amount ?? earlier?.amount ?? refundable(order)
  const request = { refundId, amount, reason }
  const decided = await moveUnlessRefused(
    order,
    (state) => (amount === 0 ? 'wrong-status' : refuseRefund(state, request)),
    { type: 'refund-requested', ...request },
    context,
  )
  if (typeof decided !== 'string') return decided
  if (decided === 'conflict') return idempotencyConflict()
  return decided === 'too-much'
    ? invalidInput('amount', `At most ${refundable(order)} minor units are left.`)
    : orderNotRefundable(order.status)
}

export const receiveReturn: MutationResolvers['receiveReturn'] = async (_parent, { input }, context) => {
  const fault = textFault('idempotencyKey', input.idempotencyKey, 64) ?? linesFault(input.lines)
  if (fault) return fault
  const order = await findOrderNow(input.orderId, context.loaders)
  if (!order) return orderNotFound()
  const warehouseId = input.warehouseId ?? (await warehouseItLeft(order, context))
  const warehouses = await context.warehouses.warehouses()
  if (!warehouses.some((warehouse) => warehouse.id === warehouseId))
    return invalidInput('warehouseId', 'There is no such warehouse.')
  const lines = input.lines.map(({ skuId, quantity }) => ({ skuId, quantity }))
  const request = { returnId: input.idempotencyKey, warehouseId, lines }
  const decided = await moveUnlessRefused(
    order,
    (state) => refuseReturn(state, request),
    { type: 'return-received', ...request },
    context,
  )
  if (typeof decided !== 'string') return decided
  if (decided === 'conflict') return idempotencyConflict()
  if (decided !== 'too-much') return orderNotReturnable(order.status)
  const index = lines.findIndex(({ skuId, quantity }) => quantity > returnable(order, skuId))
  return invalidInput(`lines.${index}.quantity`, 'The customer does not have that many units of it.')
}

/** Applies an event unless it is refused, also by what happened in between. A repeat answers with the order. */
async function moveUnlessRefused(
  order: OrderRecord,
  refuse: (state: OrderRecord) => AfterSaleRefusal | null,
  event: SagaEvent,
  context: Context,
): Promise<OrderRecord | Exclude<AfterSaleRefusal, 'repeat'>> {
  const refusal = refuse(order)
  if (refusal !== null && refusal !== 'repeat') return refusal
  const now = await move(order, event, context)
  const after = refuse(now)
  return after === 'repeat' || after === null ? now : after
}

async function warehouseItLeft(order: OrderRecord, { loaders }: Context): Promise<string> {
  const allocation = await loaders.allocation.load(order.id)
  return allocation?.allocations[0]?.warehouseId ?? ''
}

function textFault(field: string, text: string, longest: number) {
  const { length } = text.trim()
  return length === 0 || length > longest ? invalidInput(field, `Give 1 to ${longest} characters.`) : null
}

function linesFault(lines: readonly { skuId: string; quantity: number }[]) {
  if (lines.length === 0) return invalidInput('lines', 'Name at least one line.')
  const fault = lines.findIndex(
    ({ skuId, quantity }, index) => quantity < 1 || lines.findIndex((line) => line.skuId === skuId) !== index,
  )
  return fault < 0
    ? null
    : invalidInput(`lines.${fault}.quantity`, 'Name each SKU once, with 1 unit or more.')
}
