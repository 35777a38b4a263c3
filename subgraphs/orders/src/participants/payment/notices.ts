import type { Logger } from '@mall/service/logger'
import type { PaymentMethod } from '../../domain/order.ts'
import type { Providers } from './answers.ts'
import type { Outcomes } from './outcomes.ts'
import type { PaymentRepository } from './payment-repository.ts'
import type { PaymentNotice } from './provider.ts'

/** What became of a notify. LATER: it is good, but it could not be written down now. */
export type NoticeOutcome = 'TAKEN' | 'FORGED' | 'FOREIGN' | 'UNKNOWN_ORDER' | 'OTHER_AMOUNT' | 'LATER'

/** Takes the notifies of payment providers. */
export type Notices = ReturnType<typeof createNotices>

export function createNotices(deps: {
  payments: PaymentRepository
  outcomes: Outcomes
  providers: Providers
  count(outcome: NoticeOutcome): void
  logger: Logger
}) {
  const { payments, outcomes, providers, count, logger } = deps

  /** Resolves with TAKEN once it is durable; what follows from it is then sent, or the sweep sends it. */
  return async function take(method: PaymentMethod, body: Buffer): Promise<NoticeOutcome> {
    const outcome = await decide(method, body).catch((error: unknown): NoticeOutcome => {
      logger.error({ error, method }, 'a notify could not be taken and is awaited again')
      return 'LATER'
    })
    count(outcome)
    return outcome
  }

  async function decide(method: PaymentMethod, body: Buffer): Promise<NoticeOutcome> {
    const reading = providers[method]?.redirect?.readNotice(body)
    if (!reading) return 'FOREIGN'
    if (reading.kind !== 'GENUINE') {
      logger.warn({ method, kind: reading.kind, reason: reading.reason }, 'a notify was refused')
      return reading.kind
    }
    const { notice } = reading
    const refusal = await refuse(method, notice)
    if (refusal) {
      logger.error({ method, notice, refusal }, 'a notify does not fit a payment')
      return refusal
    }
    const orderId = BigInt(notice.orderId)
    if (notice.status === 'SUCCEEDED') await outcomes.paid(orderId)
    if (notice.status === 'CLOSED') await outcomes.closed(orderId)
    return 'TAKEN'
  }

  async function refuse(method: PaymentMethod, notice: PaymentNotice): Promise<NoticeOutcome | null> {
    const [payment] = await payments.findMany([BigInt(notice.orderId)])
    if (payment?.terms?.method !== method) return 'UNKNOWN_ORDER'
    const { amount, currency } = payment.terms
    return amount === notice.amount && currency === notice.currency ? null : 'OTHER_AMOUNT'
  }
}
