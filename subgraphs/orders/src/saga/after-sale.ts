import type { OrderStatus } from '../domain/order.ts'
import {
  isSold,
  openRefunds,
  unchanged,
  type Milestone,
  type Outgoing,
  type Refund,
  type ReturnedLine,
  type SagaState,
  type Transition,
} from './state.ts'
import { undoAll } from './undoing.ts'

/** Why money or goods cannot be taken back. `conflict`: the id was used for something else; `repeat`: it was done before. */
export type AfterSaleRefusal = 'wrong-status' | 'too-much' | 'conflict' | 'repeat'

const refundableStatuses: readonly OrderStatus[] = ['CONFIRMED', 'SHIPPED', 'DELIVERED']

/** What of the payment has not been given back and is not about to be, in minor units. */
export const refundable = ({ total, refunds }: Pick<SagaState, 'total' | 'refunds'>) =>
  total - refunds.reduce((sum, { amount }) => sum + amount, 0)

/** Why a refund cannot be made; null when it can. */
export function refuseRefund(
  state: SagaState,
  request: { refundId: string; amount: number; reason: string },
): AfterSaleRefusal | null {
  const earlier = state.refunds.find(({ id }) => id === request.refundId)
  if (earlier)
    return earlier.amount === request.amount && earlier.reason === request.reason ? 'repeat' : 'conflict'
  if (!refundableStatuses.includes(state.status)) return 'wrong-status'
  return request.amount > refundable(state) ? 'too-much' : null
}

/** Why goods cannot be taken back; null when they can. */
export function refuseReturn(
  state: SagaState,
  request: { returnId: string; warehouseId: string; lines: readonly ReturnedLine[] },
): AfterSaleRefusal | null {
  const earlier = state.returns.find(({ id }) => id === request.returnId)
  if (earlier) return isSameReturn(earlier, request) ? 'repeat' : 'conflict'
  const wasShipped = isSold(state) && ['SHIPPED', 'DELIVERED', 'REFUNDED'].includes(state.status)
  if (!wasShipped) return 'wrong-status'
  return request.lines.some(({ skuId, quantity }) => quantity > returnable(state, skuId)) ? 'too-much' : null
}

/** Units of a SKU that the customer still has. */
export function returnable({ lines, returns }: Pick<SagaState, 'lines' | 'returns'>, skuId: string): number {
  const unitsIn = (all: readonly ReturnedLine[]) =>
    all.reduce((sum, line) => sum + (line.skuId === skuId ? line.quantity : 0), 0)
  return unitsIn(lines) - unitsIn(returns.flatMap((one) => one.lines))
}

/** Staff give money back: all of it before shipping undoes the order, anything else is a refund by itself. */
export function requestRefund(
  state: SagaState,
  request: { refundId: string; amount: number; reason: string },
  at: string,
): Transition {
  const refusal = refuseRefund(state, request)
  if (refusal) return refusal === 'repeat' ? { state, send: sayRefunds(state) } : unchanged(state)
  const { refundId: id, amount, reason } = request
  const refund: Refund = {
    id,
    amount,
    reason,
    status: 'REQUESTED',
    requestedAt: at,
    attempts: 1,
    error: null,
  }
  const asked: SagaState = { ...state, refunds: [...state.refunds, refund] }
  if (state.status === 'CONFIRMED' && refundable(asked) === 0)
    return undoAll({ ...asked, endsAs: 'REFUNDED' }, reason, at)
  return { state: asked, send: [{ type: 'payment-refund', refund }] }
}

/** The payment participant gave one refund back. */
export function refundDone(state: SagaState, refundId: string): Transition {
  const refund = state.refunds.find(({ id }) => id === refundId)
  if (!refund) return unchanged(state)
  const done = state.refunds.map((one) =>
    one === refund ? { ...one, status: 'DONE' as const, error: null } : one,
  )
  const isFull = refundable(state) === 0 && done.every(({ status }) => status === 'DONE')
  const send: Outgoing[] = [{ type: 'order-refunded', refund, isFull }]
  // Said before: its consequences may not have been sent, because the process died in between.
  if (refund.status === 'DONE') return { state, send }
  const status = isFull && refundableStatuses.includes(state.status) ? 'REFUNDED' : state.status
  return { state: { ...state, status, refunds: done }, send }
}

/** The payment participant could not give one refund back this time. */
export function refundFailed(state: SagaState, refundId: string, error: string): Transition {
  const isNews = openRefunds(state).some((refund) => refund.id === refundId && refund.error !== error)
  if (!isNews) return unchanged(state)
  const refunds = state.refunds.map((refund) => (refund.id === refundId ? { ...refund, error } : refund))
  return { state: { ...state, refunds }, send: [] }
}

/** Staff hand the goods to a carrier. */
export function ship(state: SagaState, trackingNumber: string): Transition {
  if (state.status !== 'CONFIRMED') return unchanged(state)
  return tell({ ...state, status: 'SHIPPED' }, { type: 'order-shipped', trackingNumber })
}

/** The carrier says that the goods have arrived. */
export function deliver(state: SagaState): Transition {
  if (state.status !== 'SHIPPED') return unchanged(state)
  return tell({ ...state, status: 'DELIVERED' }, { type: 'order-delivered' })
}

/** Goods are back in a warehouse. */
export function receive(
  state: SagaState,
  request: { returnId: string; warehouseId: string; lines: readonly ReturnedLine[] },
  at: string,
): Transition {
  if (refuseReturn(state, request)) return unchanged(state)
  const { returnId: id, warehouseId, lines } = request
  const returned = { ...state, returns: [...state.returns, { id, warehouseId, lines, receivedAt: at }] }
  return tell(returned, { type: 'order-returned', id, warehouseId, lines })
}

/** The broker has acknowledged milestones. */
export function told(state: SagaState, milestones: readonly Milestone[]): Transition {
  const acknowledged = new Set(milestones.map(keyOf))
  const untold = state.untold.filter((milestone) => !acknowledged.has(keyOf(milestone)))
  return untold.length === state.untold.length ? unchanged(state) : { state: { ...state, untold }, send: [] }
}

/** The commands of all refunds that have not been answered. An order being undone gives everything back anyway. */
export const sayRefunds = (state: SagaState): Outgoing[] =>
  state.status === 'CANCELLING'
    ? []
    : openRefunds(state).map((refund) => ({ type: 'payment-refund', refund }))

function tell(state: SagaState, milestone: Milestone): Transition {
  return { state: { ...state, untold: [...state.untold, milestone] }, send: [milestone] }
}

const keyOf = (milestone: Milestone) =>
  milestone.type === 'order-returned' ? `${milestone.type}:${milestone.id}` : milestone.type

function isSameReturn(
  earlier: { warehouseId: string; lines: readonly ReturnedLine[] },
  request: { warehouseId: string; lines: readonly ReturnedLine[] },
): boolean {
  const meaning = ({ warehouseId, lines }: typeof request) =>
    JSON.stringify([warehouseId, lines.map(({ skuId, quantity }) => [skuId, quantity])])
  return meaning(earlier) === meaning(request)
}
