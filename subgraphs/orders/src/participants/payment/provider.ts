import type { CurrencyCode } from '../../domain/order.ts'

/** A payment as a provider sees it. `amount` in minor units; `orderId` is the provider's idempotency key. */
export interface PaymentRequest {
  orderId: string
  amount: number
  currency: CurrencyCode
}

/** How a payment ended at once. */
export type Settled = { status: 'SUCCEEDED' } | { status: 'FAILED'; reason: string }

/** What starting a payment led to: captured at once, refused, or to be paid by the customer at `redirectUrl`. */
export type Initiated = Settled | { status: 'INITIATED'; redirectUrl: string }

/**
 * How a payment stands at its provider. OPEN waits for the customer; of one that is UNKNOWN the provider has not heard,
 * such as when the customer has not opened the page.
 */
export type Standing = 'SUCCEEDED' | 'CLOSED' | 'OPEN' | 'UNKNOWN'

/** What a provider tells by itself, later: the asynchronous notify of a redirect payment. */
export interface PaymentNotice extends PaymentRequest {
  status: Exclude<Standing, 'UNKNOWN'>
}

/** What a notify turned out to be. FORGED did not come from the provider; FOREIGN did, but is not for this shop. */
export type NoticeReading =
  { kind: 'GENUINE'; notice: PaymentNotice } | { kind: 'FORGED' | 'FOREIGN'; reason: string }

/** Money to give back: `amount` is all or a part of what was captured; `refundId` is unique within the order. */
export interface RefundRequest extends PaymentRequest {
  refundId: string
}

/** A way to take money. Every call may be repeated and then has the same effect as once; it throws when nobody knows. */
export interface PaymentProvider {
  initiate(request: PaymentRequest): Promise<Initiated>
  /** Gives an amount back; throws when that did not work this time. */
  refund(request: RefundRequest): Promise<void>
  /** Closes an unpaid payment; answers `SUCCEEDED` when the customer was faster. `UNKNOWN` may still come to be paid. */
  close(request: PaymentRequest): Promise<Exclude<Standing, 'OPEN'>>
  /** What the customer pays elsewhere; absent where `initiate` captures. */
  redirect?: RedirectPayments
  /**
   * How a payment ends where that is a rule of our own and nothing happens outside: its row, written once, is all of it.
   * Absent where money moves; then the row must be there before anybody is asked.
   */
  settle?(request: PaymentRequest): Settled
}

/** The part of a provider that is about payments which the customer makes at the provider. */
export interface RedirectPayments {
  /** How long after it was initiated a payment can be made, in milliseconds. */
  payableForMs: number
  /** How a payment stands, asked because nobody told. */
  query(request: PaymentRequest): Promise<Standing>
  /** Reads and verifies a notify from its raw bytes. */
  readNotice(body: Buffer): NoticeReading
}
