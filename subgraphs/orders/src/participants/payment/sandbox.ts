import type { PaymentProvider } from './provider.ts'

/**
 * Captures at once; for development and tests. Refuses amounts that end in 13 (such as ¥13.13), so that a failing
 * payment can be provoked.
 */
export const sandboxProvider: PaymentProvider = {
  initiate: async ({ amount }) =>
    amount % 100 === 13
      ? { status: 'FAILED', reason: 'The sandbox refuses amounts that end in 13.' }
      : { status: 'SUCCEEDED' },
  refund: async () => {},
  close: async () => 'CLOSED',
}
