import type { AnyEvent } from '@mall/contracts'
import type { CurrencyCode } from '../../domain/order.ts'

/** What customers are told of; the names of the events that say so. */
export const noticeKinds = [
  'order-confirmed',
  'order-cancelled',
  'order-shipped',
  'order-delivered',
  'order-refunded',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** What a text needs besides the order's id. `amount` in minor units of `currency`. */
export interface NoticeDetails {
  trackingNumber?: string
  amount?: number
  currency?: CurrencyCode
}

/** Something to tell a customer, once. */
export interface Notice {
  orderId: bigint
  kind: NoticeKind
  /** Which of several of one kind: the refund id; empty where an order has one at most. */
  ref: string
  details: NoticeDetails
}

/** The notice that an event asks for; null for any other event. */
export function noticeOf(event: AnyEvent): Notice | null {
  switch (event.type) {
    case 'order-confirmed':
    case 'order-cancelled':
    case 'order-delivered':
      return { orderId: BigInt(event.data.orderId), kind: event.type, ref: '', details: {} }
    case 'order-shipped': {
      const { orderId, trackingNumber } = event.data
      return { orderId: BigInt(orderId), kind: event.type, ref: '', details: { trackingNumber } }
    }
    case 'order-refunded': {
      const { orderId, refundId, amount, currency } = event.data
      return { orderId: BigInt(orderId), kind: event.type, ref: refundId, details: { amount, currency } }
    }
    default:
      return null
  }
}

/** The id under which a provider knows a notice. */
export const noticeId = ({ orderId, kind, ref }: Pick<Notice, 'orderId' | 'kind' | 'ref'>) =>
  [kind, orderId, ...(ref === '' ? [] : [ref])].join(':')
