import type { PaymentProvider, PaymentRequest, Settled } from './provider.ts'

/**
 * Captures at once; for development and tests. Refuses amounts that end in 13 (such as ¥13.13), so that a failing
 * payment can be provoked.
 */
export const sandboxProvider: PaymentProvider = {
  settle,
  initiate: async (request) => settle(request),
  refund: async () => {},
  close: async () => 'CLOSED',
}

function settle({ amount }: PaymentRequest): Settled {
  return amount % 100 === 13
    ? { status: 'FAILED', reason: 'The sandbox refuses amounts that end in 13.' }
    : { status: 'SUCCEEDED' }
}
