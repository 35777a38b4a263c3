import { createMessage } from '@mall/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openParticipantRoom, type ParticipantRoom } from '../../testing/participant-room.ts'
import { createPaymentParticipant } from './participant.ts'
import { createPaymentRepository } from './payment-repository.ts'
import type { PaymentProvider } from './provider.ts'
import { createRefundRepository } from './refund-repository.ts'
import { sandboxProvider } from './sandbox.ts'

let room: ParticipantRoom
const types = () => room.types()
const newId = () => room.newId()

beforeAll(async () => {
  room = await openParticipantRoom()
})
beforeEach(() => room.forget())
afterAll(() => room.close())

describe('the payment participant', () => {
  const participant = (provider: PaymentProvider = sandboxProvider) =>
    createPaymentParticipant({
      payments: createPaymentRepository(room.db, { checkAfterMs: 5_000 }),
      refunds: createRefundRepository(room.db),
      providers: { SANDBOX: provider },
      publish: room.publish,
      queryAfterMs: 5_000,
      clock: () => new Date(),
      onProviderError: (error) => expect.fail(String(error)),
    })
  const reserved = (orderId: bigint, amount = 3_980) =>
    createMessage('stock-reserved', {
      orderId: String(orderId),
      lines: [{ skuId: 'mug', productId: 'mugs', quantity: 2 }],
      payment: { method: 'SANDBOX', amount, currency: 'CNY' },
      destination: { region: 'Shanghai', city: 'Shanghai' },
    }).event
  const close = (orderId: bigint) =>
    createMessage('payment-close', { orderId: String(orderId), reason: 'cancelled' }).event

  it('charges once and answers the same however often it is asked', async () => {
    const id = newId()
    await participant().handle([reserved(id)])
    await Promise.all([
      participant().handle([reserved(id)]),
      participant().handle([reserved(id), reserved(id)]),
    ])
    expect(types()).toEqual(Array(4).fill('payment-succeeded'))
    expect(await room.db.payment.count({ where: { orderId: id } })).toBe(1)
  })

  it('refuses an amount that ends in 13, and then has nothing to give back', async () => {
    const id = newId()
    await participant().handle([reserved(id, 1_313)])
    await participant().handle([close(id)])
    expect(types()).toEqual(['payment-failed', 'payment-closed'])
  })

  it('refunds a payment that it was asked to close when it is paid', async () => {
    const id = newId()
    await participant().handle([reserved(id)])
    await participant().handle([close(id)])
    expect(types()).toEqual(['payment-succeeded', 'payment-refunded'])
  })

  const refund = (orderId: bigint, refundId: string, amount: number) =>
    createMessage('payment-refund', { orderId: String(orderId), reason: 'late', refundId, amount }).event
  const payment = (orderId: bigint) => room.db.payment.findUnique({ where: { orderId } })

  it('gives a part back once for its id, then the rest when the order is undone', async () => {
    const id = newId()
    const given: number[] = []
    const counting: PaymentProvider = {
      ...sandboxProvider,
      refund: async ({ amount }) => void given.push(amount),
    }
    const part = refund(id, 'a', 1_000)
    await participant(counting).handle([reserved(id)])
    await participant(counting).handle([part])
    await participant(counting).handle([part])
    expect(await payment(id)).toMatchObject({ status: 'PARTIALLY_REFUNDED' })
    await participant(counting).handle([close(id)])
    await participant(counting).handle([close(id)])
    expect(await payment(id)).toMatchObject({ status: 'REFUNDED' })
    expect(given).toEqual([1_000, 2_980])
    expect(types().slice(1)).toEqual(Array(4).fill('payment-refunded'))
  })

  it('never gives back more than was paid, whatever comes at once', async () => {
    const id = newId()
    await participant().handle([reserved(id)])
    await Promise.all(['a', 'b', 'c'].map((name) => participant().handle([refund(id, name, 1_500)])))
    expect(types().filter((type) => type === 'payment-refunded')).toHaveLength(2)
    expect(types().filter((type) => type === 'payment-refund-failed')).toHaveLength(1)
  })

  it('says that a refund did not work instead of holding up other orders, and does it when asked again', async () => {
    const [id, other] = [newId(), newId()]
    const refund = async ({ orderId }: { orderId: string }) => {
      if (orderId === String(id)) throw new Error('The bank is closed.')
    }
    const failing = { ...sandboxProvider, refund }
    await participant().handle([reserved(id), reserved(other)])
    await participant(failing).handle([close(id), close(other)])
    expect(types().slice(2)).toEqual(['payment-refund-failed', 'payment-refunded'])
    await participant().handle([close(id)])
    expect(await payment(id)).toMatchObject({ status: 'REFUNDED' })
  })

  it('gives nothing back of an order that was not paid', async () => {
    await participant().handle([refund(newId(), 'a', 100)])
    expect(types()).toEqual(['payment-refund-failed'])
  })

  it('never charges an order that was undone first', async () => {
    const id = newId()
    await participant().handle([close(id)])
    await participant().handle([reserved(id)])
    expect(types()).toEqual(['payment-closed'])
    expect(await room.db.payment.findUnique({ where: { orderId: id } })).toMatchObject({ status: 'CLOSED' })
  })
})
