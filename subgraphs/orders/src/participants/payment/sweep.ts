import { requestOf, type Providers } from './answers.ts'
import type { Outcomes } from './outcomes.ts'
import type { DuePayment, PaymentRepository } from './payment-repository.ts'
import type { PaymentProvider } from './provider.ts'
import type { Refunds } from './refunds.ts'

/** Looks at payments that are due, in any number of instances. */
export interface PaymentSweep {
  /** Returns how many were due. */
  sweep(limit: number): Promise<number>
}

/** After this many vain tries to give late money back somebody must look; it goes on being tried. */
const alarmAfterChecks = 6

/** A provider may be slow to say that something was paid at the last moment. */
const graceMs = 60_000

/**
 * Finishes what nobody else would: asks providers for payments of which no notify came, tells what was decided but not
 * told, and gives back what was paid for orders that had been undone.
 */
export function createPaymentSweep(deps: {
  payments: PaymentRepository
  refunds: Refunds
  outcomes: Outcomes
  providers: Providers
  clock(): Date
  alarm(orderId: bigint): void
  onError(error: unknown, orderId: bigint): void
}): PaymentSweep {
  const { payments, refunds, outcomes, providers, clock, alarm, onError } = deps
  return {
    async sweep(limit) {
      const due = await payments.takeDue(clock(), limit)
      await Promise.all(due.map((one) => look(one).catch((error: unknown) => onError(error, one.orderId))))
      return due.length
    },
  }

  async function look(payment: DuePayment): Promise<void> {
    const { orderId, status, terms } = payment
    if (!terms) return payments.rest([payment])
    const provider = providers[terms.method]
    switch (status) {
      case 'INITIATED': {
        const standing = await provider?.redirect?.query(requestOf(orderId, terms))
        if (standing === 'SUCCEEDED') return outcomes.paid(orderId)
        if (standing === 'CLOSED') return outcomes.closed(orderId)
        return
      }
      case 'SUCCEEDED':
      case 'FAILED':
        if (await giveBackLate(payment)) return
        return outcomes.tell([orderId])
      case 'CLOSED':
        if (await giveBackLate(payment)) return
        return watchClosed(payment, provider)
      case 'REFUNDED':
      case 'PARTIALLY_REFUNDED':
        return payments.rest([payment])
      default: {
        const unknown: never = status
        throw new Error('Unknown status of a payment', { cause: unknown })
      }
    }
  }

  /** True when there is money to give back, or was. */
  async function giveBackLate({ orderId, status, checks }: DuePayment): Promise<boolean> {
    if (status === 'SUCCEEDED') return false
    const result = await refunds.goOn(orderId)
    if (result?.status === 'FAILED') {
      if (checks === alarmAfterChecks) alarm(orderId)
      throw new Error(`Late money could not be given back: ${result.reason}`)
    }
    return result !== null
  }

  /** The customer may still have the page of a payment that was closed before the provider had heard of it. */
  async function watchClosed(payment: DuePayment, provider: PaymentProvider | undefined): Promise<void> {
    const { orderId, terms, updatedAt } = payment
    if (!terms || !provider?.redirect) return payments.rest([payment])
    const request = requestOf(orderId, terms)
    const standing = await provider.redirect.query(request)
    if (standing === 'SUCCEEDED') return outcomes.paid(orderId)
    const closed = standing === 'OPEN' ? await provider.close(request) : standing
    const isOver = +clock() > +updatedAt + provider.redirect.payableForMs + graceMs
    if (closed === 'CLOSED' || isOver) await payments.rest([payment])
  }
}
