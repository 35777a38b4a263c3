import { createMessage, type AnyEvent, type Envelope, type Message } from '@mall/contracts'
import type {
  PaymentMove,
  PaymentOpening,
  PaymentRecord,
  PaymentRepository,
  PaymentTerms,
} from './payment-repository.ts'
import { answersOf, requestOf, type Providers } from './answers.ts'
import type { Initiated } from './provider.ts'
import type { RefundRepository } from './refund-repository.ts'
import { createRefunds } from './refunds.ts'

/** What the participant needs from around it; a method without a provider is refused. */
export interface PaymentDependencies {
  payments: PaymentRepository
  refunds: RefundRepository
  providers: Providers
  publish(messages: Message[]): Promise<void>
  /** When to ask a provider for a payment of which nobody has told, in milliseconds. */
  queryAfterMs: number
  clock(): Date
  /** Tells that a provider could not be asked; the saga's sweeper brings the order again. */
  onProviderError(error: unknown, orderId: bigint): void
}

/** Takes and gives back money for orders. Its row per order is its inbox: a repeat gets the same answer. */
export type PaymentParticipant = ReturnType<typeof createPaymentParticipant>

/** What the participant listens to. */
export const paymentTopics = ['stock-reserved', 'payment-refund', 'payment-close'] as const

type Undo = Envelope<'payment-refund'> | Envelope<'payment-close'>

export function createPaymentParticipant(deps: PaymentDependencies) {
  const { payments, refunds, providers, publish, queryAfterMs, clock, onProviderError } = deps
  const { giveBack, giveBackRest, giveBackLate } = createRefunds({ payments, refunds, providers })
  return {
    /** Resolves when every answer is acknowledged by the broker. */
    async handle(events: readonly AnyEvent[]): Promise<void> {
      // Undoing comes first: what is cancelled in the same breath need not be charged.
      const undone = await undo(events.filter(isUndo))
      const refunded = await refund(events.filter((event) => event.type === 'payment-refund'))
      const paid = await pay(events.filter((event) => event.type === 'stock-reserved'))
      await publish([...undone, ...refunded, ...paid])
    },
  }

  async function pay(events: Envelope<'stock-reserved'>[]): Promise<Message[]> {
    if (events.length === 0) return []
    const opened = await payments.open(events.map(openingOf))
    const started = await startAll(
      opened.filter((payment) => payment.status === 'INITIATED' && payment.redirectUrl === null),
    )
    const moved = await payments.move(started.map(({ payment, result }) => moveOf(payment, result)))
    await giveBackIfBarred(started, moved)
    const present = byOrder([...opened, ...moved])
    return events.flatMap((cause) => answersOf(present.get(cause.data.orderId), { cause }))
  }

  /** As a payment begins; one without a part outside has ended with that. */
  function openingOf(event: Envelope<'stock-reserved'>): PaymentOpening {
    const orderId = BigInt(event.data.orderId)
    const terms = termsOf(event)
    const settled = providers[terms.method]?.settle?.(requestOf(orderId, terms))
    return { reason: null, ...(settled ?? { status: 'INITIATED' }), orderId, terms }
  }

  /** A payment whose provider does not answer stays as it is, and does not hold up the others. */
  async function startAll(waiting: readonly PaymentRecord[]) {
    const started = waiting.map(async (payment) => {
      try {
        return [{ payment, result: await initiate(payment) }]
      } catch (error) {
        onProviderError(error, payment.orderId)
        return []
      }
    })
    return (await Promise.all(started)).flat()
  }

  /** Ends the payments of orders that are undone. */
  async function undo(events: Undo[]): Promise<Message[]> {
    if (events.length === 0) return []
    const found = byOrder(await payments.bar(events.map(({ data }) => BigInt(data.orderId))))
    return Promise.all(
      events.map(async (cause) => {
        const { orderId } = cause.data
        const payment = found.get(orderId)
        try {
          if (payment?.status === 'INITIATED' && (await close(payment)) === 'SUCCEEDED')
            await payments.move([{ payment, to: 'SUCCEEDED' }])
        } catch (error) {
          return failedAnswer(cause, error instanceof Error ? error.message : 'It could not be closed.')
        }
        const [now] = await payments.findMany([BigInt(orderId)])
        if (!now?.terms || now.status === 'FAILED' || now.status === 'CLOSED')
          return createMessage('payment-closed', { orderId }, { cause })
        const result = await giveBackRest(now.orderId)
        if (result.status === 'FAILED') return failedAnswer(cause, result.reason)
        const { amount, currency } = now.terms
        return createMessage('payment-refunded', { orderId, amount, currency }, { cause })
      }),
    )
  }

  /** Gives back single amounts that staff asked for; the payment itself goes on. */
  async function refund(events: Envelope<'payment-refund'>[]): Promise<Message[]> {
    const answers = events.map(async (cause) => {
      const { orderId, refundId, amount } = cause.data
      if (refundId === undefined || amount === undefined) return []
      const result = await giveBack(BigInt(orderId), refundId, amount)
      const [payment] = await payments.findMany([BigInt(orderId)])
      if (result.status === 'FAILED' || !payment?.terms)
        return [failedAnswer(cause, 'reason' in result ? result.reason : 'There is no payment.', refundId)]
      const { currency } = payment.terms
      return [createMessage('payment-refunded', { orderId, refundId, amount, currency }, { cause })]
    })
    return (await Promise.all(answers)).flat()
  }

  async function initiate({ orderId, terms }: PaymentRecord): Promise<Initiated> {
    const provider = terms && providers[terms.method]
    if (!provider)
      return { status: 'FAILED', reason: `Payment by ${terms?.method ?? 'nothing'} is not offered.` }
    return provider.initiate(requestOf(orderId, terms))
  }

  /** Closes a payment at its provider; SUCCEEDED when the customer was faster. */
  async function close(payment: PaymentRecord): Promise<'CLOSED' | 'SUCCEEDED'> {
    const { orderId, terms } = payment
    const provider = terms && providers[terms.method]
    const answer = provider ? await provider.close(requestOf(orderId, terms)) : 'CLOSED'
    if (answer === 'SUCCEEDED') return answer
    // The customer still has the link to a payment that the provider has not heard of yet.
    const mayStillBePaid = answer === 'UNKNOWN' && provider?.redirect !== undefined
    const checkAt = mayStillBePaid ? { checkAt: nextCheck() } : {}
    const [now] = await payments.move([{ payment, to: 'CLOSED', ...checkAt }])
    // The notify of this very closing may have been faster, and was taken for the customer's.
    if (now?.status === 'FAILED') await payments.move([{ payment: now, to: 'CLOSED' }])
    return 'CLOSED'
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
    await Promise.all(captured.map(({ payment }) => giveBackLate(payment.orderId)))
  }

  function moveOf(payment: PaymentRecord, result: Initiated): PaymentMove {
    switch (result.status) {
      case 'SUCCEEDED':
        return { payment, to: result.status }
      case 'FAILED':
        return { payment, to: result.status, reason: result.reason }
      case 'INITIATED':
        return { payment, to: result.status, redirectUrl: result.redirectUrl, checkAt: nextCheck() }
      default: {
        const unknown: never = result
        throw new Error('Unknown result of a payment', { cause: unknown })
      }
    }
  }

  function nextCheck(): Date {
    return new Date(clock().getTime() + queryAfterMs)
  }
}

/** Undoing is of the whole payment; a refund that staff asked for has an id. */
const isUndo = (event: AnyEvent): event is Undo =>
  event.type === 'payment-close' || (event.type === 'payment-refund' && event.data.refundId === undefined)

/** A payment that is captured at once answers at once; any other must remember the story that it belongs to. */
const termsOf = ({ correlationId, data }: Envelope<'stock-reserved'>): PaymentTerms => {
  const { payment, lines, destination } = data
  const story = payment.method === 'SANDBOX' ? {} : { correlationId }
  return { ...payment, context: { lines, destination, ...story } }
}

const byOrder = (payments: readonly PaymentRecord[]) =>
  new Map(payments.map((payment) => [String(payment.orderId), payment]))

/** The provider did not do it this time. The saga asks again, and meanwhile other orders go on. */
function failedAnswer(cause: Undo, reason: string, refundId?: string): Message {
  const { orderId } = cause.data
  const data = { orderId, reason: reason.slice(0, 500), ...(refundId === undefined ? {} : { refundId }) }
  return createMessage('payment-refund-failed', data, { cause })
}
