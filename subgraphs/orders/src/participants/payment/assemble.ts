import type { Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import { Counter, type Metrics } from '@mall/service/metrics'
import type { Config } from '../../config.ts'
import type { Database } from '../../data/database.ts'
import type { PaymentMethod } from '../../domain/order.ts'
import { createAlipayProvider } from './alipay/alipay.ts'
import type { Providers } from './answers.ts'
import { createNotices, type NoticeOutcome } from './notices.ts'
import { createOutcomes } from './outcomes.ts'
import { createPaymentParticipant } from './participant.ts'
import { createPaymentRepository } from './payment-repository.ts'
import { createRefundRepository } from './refund-repository.ts'
import { createRefunds } from './refunds.ts'
import { sandboxProvider } from './sandbox.ts'
import { createPaymentSweep } from './sweep.ts'

/** What payment stands on. */
export interface PaymentFoundations {
  config: Pick<Config, 'isProduction'> & { payments: Config['payments'] }
  db: Database
  logger: Logger
  metrics: Metrics
  publish(messages: Message[]): Promise<void>
  clock(): Date
  alarm(orderId: bigint): void
  /** Ways to take money, in place of those that the configuration names. */
  providers?: Providers
}

/** Puts the payment participant together, with all that decides payments: messages, notifies and asking. */
export function assemblePayment(foundations: PaymentFoundations) {
  const { config, db, logger, metrics, publish, clock, alarm } = foundations
  const { queryAfterMs, alipay } = config.payments
  const providers: Providers = foundations.providers ?? {
    ...(alipay && { ALIPAY: createAlipayProvider(alipay, clock) }),
    ...(!config.isProduction && { SANDBOX: sandboxProvider }),
  }
  const payments = createPaymentRepository(db, { checkAfterMs: queryAfterMs })
  const refundRepository = createRefundRepository(db)
  const onError = (error: unknown, orderId: bigint) =>
    logger.warn({ error, orderId: String(orderId) }, 'a payment could not be moved on and is tried again')
  const outcomes = createOutcomes({ payments, refunds: refundRepository, publish, clock })
  const refunds = createRefunds({ payments, refunds: refundRepository, providers })
  const counter = new Counter({
    name: 'mall_payment_notices_total',
    help: 'Notifies of payment providers by what became of them.',
    labelNames: ['outcome'],
    registers: [metrics],
  })
  return {
    payments,
    methods: methodsOf(providers),
    participant: createPaymentParticipant({
      payments,
      refunds: refundRepository,
      providers,
      publish,
      queryAfterMs,
      clock,
      onProviderError: onError,
    }),
    takeNotice: createNotices({
      payments,
      outcomes,
      providers,
      logger,
      count: (outcome: NoticeOutcome) => counter.inc({ outcome }),
    }),
    sweep: createPaymentSweep({ payments, refunds, outcomes, providers, clock, alarm, onError }),
  }
}

const methodsOf = (providers: Providers): PaymentMethod[] =>
  (['ALIPAY', 'SANDBOX'] as const).filter((method) => providers[method])
