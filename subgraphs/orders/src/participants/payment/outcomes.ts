import type { Message } from '@mall/contracts'
import { answersOf } from './answers.ts'
import type { PaymentRecord, PaymentRepository } from './payment-repository.ts'
import type { RefundRepository } from './refund-repository.ts'

/** What becomes of a payment when its provider says how it ended, by notify or because it was asked. */
export type Outcomes = ReturnType<typeof createOutcomes>

export function createOutcomes(deps: {
  payments: PaymentRepository
  refunds: RefundRepository
  publish(messages: Message[]): Promise<void>
  clock(): Date
}) {
  const { payments, refunds, publish, clock } = deps
  return {
    /**
     * The customer has paid. Whoever writes that down first tells the others; for an order that has been undone
     * meanwhile the money is put down to go back.
     */
    async paid(orderId: bigint): Promise<void> {
      if (await payments.decide(orderId, 'SUCCEEDED', { now: clock() })) return tell([orderId])
      const [now] = await payments.findMany([orderId])
      if (now?.status === 'CLOSED' || now?.status === 'FAILED') await refunds.openLate(orderId)
    },

    /** The provider has closed it unpaid. One that was paid is also closed there once all of it is refunded. */
    async closed(orderId: bigint): Promise<void> {
      const reason = 'The payment was closed before it was paid.'
      if (await payments.decide(orderId, 'FAILED', { reason, now: clock() })) await tell([orderId])
    },

    tell,
  }

  /** Says how payments ended, until the broker has acknowledged it. */
  async function tell(orderIds: readonly bigint[]): Promise<void> {
    const decided = (await payments.findMany(orderIds)).filter(isDecided)
    await publish(decided.flatMap((payment) => answersOf(payment)))
    await payments.rest(decided)
  }
}

const isDecided = ({ status }: PaymentRecord) => status === 'SUCCEEDED' || status === 'FAILED'
