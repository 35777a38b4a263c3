import { createMessage, type Cause, type Message } from '@mall/contracts'
import type { PaymentMethod } from '../../domain/order.ts'
import type { PaymentRecord, PaymentTerms } from './payment-repository.ts'
import type { PaymentProvider, PaymentRequest } from './provider.ts'

/** Who takes the money of which method; a method without a provider is refused. */
export type Providers = Partial<Record<PaymentMethod, PaymentProvider>>

/** A payment as its provider sees it. */
export const requestOf = (orderId: bigint, { amount, currency }: PaymentTerms): PaymentRequest => ({
  orderId: String(orderId),
  amount,
  currency,
})

/**
 * What the participant says of a payment; it follows from the stored payment alone. Of an undone one it has been said
 * by undoing it.
 */
export function answersOf(payment: PaymentRecord | undefined, { cause }: { cause?: Cause } = {}): Message[] {
  if (!payment?.terms) return []
  const { status, redirectUrl, reason, terms } = payment
  const orderId = String(payment.orderId)
  const paymentId = orderId
  const { correlationId, ...context } = terms.context
  const story = cause ? { cause } : { ...(correlationId !== undefined && { correlationId }) }
  if (status === 'FAILED')
    return [createMessage('payment-failed', { orderId, reason: reason ?? 'Refused.' }, story)]
  if (status === 'INITIATED' && redirectUrl !== null)
    return [createMessage('payment-initiated', { orderId, paymentId, redirectUrl }, story)]
  if (status !== 'SUCCEEDED') return []
  const { amount, currency } = terms
  return [createMessage('payment-succeeded', { orderId, paymentId, amount, currency, ...context }, story)]
}
