import type { CurrencyCode } from '../../domain/order.ts'

/** A payment as a provider sees it. `amount` in minor units; `orderId` is the provider's idempotency key. */
export interface PaymentRequest {
  orderId: string
  amount: number
  currency: CurrencyCode
}

/** What starting a payment led to: captured at once, refused, or to be paid by the customer at `redirectUrl`. */
export type Initiated =
  | { status: 'SUCCEEDED' }
  | { status: 'FAILED'; reason: string }
  | { status: 'INITIATED'; redirectUrl: string }

/** What a provider tells by itself, later: the asynchronous notify of a redirect payment. */
export interface PaymentNotice extends PaymentRequest {
  status: 'SUCCEEDED' | 'CLOSED'
}

/** Money to give back: `amount` is all or a part of what was captured; `refundId` is unique within the order. */
export interface RefundRequest extends PaymentRequest {
  refundId: string
}

/** A way to take money. Every call may be repeated and then has the same effect as once. */
export interface PaymentProvider {
  initiate(request: PaymentRequest): Promise<Initiated>
  /** Gives an amount back; throws when that did not work this time. */
  refund(request: RefundRequest): Promise<void>
  /** Closes an unpaid payment; answers `SUCCEEDED` when the customer was faster. */
  close(request: PaymentRequest): Promise<'CLOSED' | 'SUCCEEDED'>
  /** Reads and verifies a notify from its raw bytes; null when it is not genuine. Absent where none is ever sent. */
  readNotice?(body: Buffer, headers: Record<string, string>): Promise<PaymentNotice | null>
}
