import { sandboxProvider } from '../../../subgraphs/orders/src/participants/payment/sandbox.ts'
import type { PaymentProvider } from '../../../subgraphs/orders/src/participants/payment/provider.ts'

/** The sandbox with an account for each order, so that tests see what money has really moved. */
export type Bank = ReturnType<typeof createBank>

export function createBank() {
  const charged = new Map<string, number>()
  const refunded = new Map<string, Map<string, number>>()
  const refusals = new Map<string, { left: number; hits: number }>()
  let calls = 0
  const provider: PaymentProvider = {
    // Money moves outside here, so that the payment's row must stand before the bank is asked.
    close: sandboxProvider.close,
    async initiate(request) {
      calls += 1
      const answer = await sandboxProvider.initiate(request)
      // Repeats have the same effect as once, as providers promise for one order number.
      if (answer.status === 'SUCCEEDED') charged.set(request.orderId, request.amount)
      return answer
    },
    async refund({ orderId, refundId, amount }) {
      calls += 1
      const refusal = refusals.get(orderId)
      if (refusal && refusal.left > 0) {
        refusal.left -= 1
        refusal.hits += 1
        throw new Error('The bank is closed.')
      }
      refunded.set(orderId, (refunded.get(orderId) ?? new Map<string, number>()).set(refundId, amount))
    },
  }
  return {
    provider,
    /** How often it was asked for anything. */
    calls: () => calls,
    /** Refuses the next refunds of an order; answers with how to see how many it has refused. */
    refuseRefunds(orderId: string, times: number) {
      const refusal = { left: times, hits: 0 }
      refusals.set(orderId, refusal)
      return { hits: () => refusal.hits, end: async () => void refusals.delete(orderId) }
    },
    wasCharged: (orderId: string) => charged.has(orderId),
    /** What the mall has of an order's money, in minor units. */
    balance: (orderId: string) =>
      (charged.get(orderId) ?? 0) -
      [...(refunded.get(orderId)?.values() ?? [])].reduce((sum, amount) => sum + amount, 0),
  }
}
