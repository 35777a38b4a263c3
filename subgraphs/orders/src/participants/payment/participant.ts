import { createMessage, type AnyEvent, type Envelope, type Message } from '@mall/contracts'
import type { PaymentMethod } from '../../domain/order.ts'
import type { PaymentRecord, PaymentRepository, PaymentTerms } from './payment-repository.ts'
import type { Initiated, PaymentProvider } from './provider.ts'

/** What the participant needs from around it; a method without a provider is refused. */
export interface PaymentDependencies {
  payments: PaymentRepository
  providers: Partial<Record<PaymentMethod, PaymentProvider>>
  publish(messages: Message[]): Promise<void>
}

/** Takes and gives back money for orders. Its row per order is its inbox: a repeat gets the same answer. */
export type PaymentParticipant = ReturnType<typeof createPaymentParticipant>

/** What the participant listens to. */
export const paymentTopics = ['stock-reserved', 'payment-refund', 'payment-close'] as const

type Undo = Envelope<'payment-refund'> | Envelope<'payment-close'>

export function createPaymentParticipant({ payments, providers, publish }: PaymentDependencies) {
  return {
    /** Resolves when every answer is acknowledged by the broker. */
    async handle(events: readonly AnyEvent[]): Promise<void> {
      // Undoing comes first: what is cancelled in the same breath need not be charged.
      const undone = await undo(
        events.filter((e) => e.type === 'payment-refund' || e.type === 'payment-close'),
      )
      const paid = await pay(events.filter((event) => event.type === 'stock-reserved'))
      await publish([...undone, ...paid])
    },
  }

  async function pay(events: Envelope<'stock-reserved'>[]): Promise<Message[]> {
    if (events.length === 0) return []
    const opened = await payments.open(
      events.map(({ data }) => ({ orderId: BigInt(data.orderId), ...termsOf(data) })),
    )
    const started = await Promise.all(
      opened
        .filter((payment) => payment.status === 'INITIATED' && payment.redirectUrl === null)
        .map(async (payment) => ({ payment, result: await initiate(payment) })),
    )
    const moved = await payments.move(started.map(({ payment, result }) => moveOf(payment, result)))
    await giveBackIfBarred(started, moved)
    const present = byOrder([...opened, ...moved])
    return events.flatMap((event) => answerOf(event, present.get(event.data.orderId)))
  }

  async function undo(events: Undo[]): Promise<Message[]> {
    if (events.length === 0) return []
    const found = await payments.bar(events.map(({ data }) => BigInt(data.orderId)))
    const moves = await Promise.all(
      found
        .filter(({ status }) => status === 'INITIATED' || status === 'SUCCEEDED')
        .map(async (payment) => ({ payment, to: await giveBack(payment) })),
    )
    const present = byOrder([...found, ...(await payments.move(moves))])
    return events.map((cause) => undoneAnswerOf(cause, present.get(cause.data.orderId)))
  }

  async function initiate({ orderId, terms }: PaymentRecord): Promise<Initiated> {
    const provider = terms && providers[terms.method]
    if (!provider)
      return { status: 'FAILED', reason: `Payment by ${terms?.method ?? 'nothing'} is not offered.` }
    return provider.initiate(requestOf(orderId, terms))
  }

  async function giveBack({ orderId, status, terms }: PaymentRecord): Promise<'REFUNDED' | 'CLOSED'> {
    const provider = terms && providers[terms.method]
    if (!provider) return 'CLOSED'
    const request = requestOf(orderId, terms)
    if (status === 'INITIATED' && (await provider.close(request)) === 'CLOSED') return 'CLOSED'
    await provider.refund(request)
    return 'REFUNDED'
  }

  /** A payment captured while it was being closed elsewhere: the order is undone, so the money goes back. */
  async function giveBackIfBarred(
    started: { payment: PaymentRecord; result: Initiated }[],
    moved: PaymentRecord[],
  ): Promise<void> {
    const closed = new Set(moved.filter(({ status }) => status === 'CLOSED').map(({ orderId }) => orderId))
    const captured = started.filter(
      ({ payment, result }) => result.status === 'SUCCEEDED' && closed.has(payment.orderId),
    )
    await Promise.all(captured.map(({ payment }) => giveBack({ ...payment, status: 'SUCCEEDED' })))
  }
}

const requestOf = (orderId: bigint, { amount, currency }: PaymentTerms) => ({
  orderId: String(orderId),
  amount,
  currency,
})

const termsOf = ({ payment, lines, destination }: Envelope<'stock-reserved'>['data']): PaymentTerms => ({
  ...payment,
  context: { lines, destination },
})

const byOrder = (payments: readonly PaymentRecord[]) =>
  new Map(payments.map((payment) => [String(payment.orderId), payment]))

function moveOf(payment: PaymentRecord, result: Initiated) {
  switch (result.status) {
    case 'SUCCEEDED':
      return { payment, to: result.status }
    case 'FAILED':
      return { payment, to: result.status, reason: result.reason }
    case 'INITIATED':
      return { payment, to: result.status, redirectUrl: result.redirectUrl }
    default: {
      const unknown: never = result
      throw new Error('Unknown result of a payment', { cause: unknown })
    }
  }
}

/** The answer follows from the stored payment alone. An undone one has been answered by undoing it. */
function answerOf(cause: Envelope<'stock-reserved'>, payment: PaymentRecord | undefined): Message[] {
  const { orderId } = cause.data
  const paymentId = orderId
  if (payment?.status === 'FAILED')
    return [createMessage('payment-failed', { orderId, reason: payment.reason ?? 'Refused.' }, { cause })]
  if (payment?.status === 'INITIATED' && payment.redirectUrl !== null)
    return [
      createMessage('payment-initiated', { orderId, paymentId, redirectUrl: payment.redirectUrl }, { cause }),
    ]
  if (payment?.status !== 'SUCCEEDED' || !payment.terms) return []
  const { amount, currency, context } = payment.terms
  return [createMessage('payment-succeeded', { orderId, paymentId, amount, currency, ...context }, { cause })]
}

function undoneAnswerOf(cause: Undo, payment: PaymentRecord | undefined): Message {
  const { orderId } = cause.data
  if (payment?.status === 'SUCCEEDED' || payment?.status === 'INITIATED')
    throw new Error(`The payment of order ${orderId} moved while it was undone`)
  if (payment?.status !== 'REFUNDED' || !payment.terms)
    return createMessage('payment-closed', { orderId }, { cause })
  const { amount, currency } = payment.terms
  return createMessage('payment-refunded', { orderId, amount, currency }, { cause })
}
