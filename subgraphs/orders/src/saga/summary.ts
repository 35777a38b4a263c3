import type { SagaEvent } from './machine.ts'

/** A sentence for the order's timeline. */
export function summarize({ type, reason }: SagaEvent): string {
  const sentence = sentences[type] ?? type
  return reason ? `${sentence}: ${reason}` : sentence
}

const sentences: Record<string, string> = {
  'order-placed': 'The order was placed',
  'stock-reserved': 'All units are held for this order',
  'stock-rejected': 'There were not enough units',
  'payment-initiated': 'Waiting for the payment',
  'payment-succeeded': 'The payment was received',
  'payment-failed': 'The payment was refused',
  'warehouse-allocated': 'The goods are set aside in the warehouse',
  'warehouse-rejected': 'No warehouse can deliver',
  'warehouse-released': 'The goods went back to the shelf',
  'payment-refunded': 'The payment was refunded',
  'payment-closed': 'The payment was closed',
  'stock-released': 'The units were given back',
  'cancel-requested': 'Cancellation was asked for',
  'deadline-passed': 'The order was not completed in time',
}
