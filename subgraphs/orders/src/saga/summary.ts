/** A sentence for the order's timeline, from an event's type and what was stored with it. */
export function summarize({ type, data }: { type: string; data: unknown }): string {
  const sentence = sentences[type] ?? type
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : null
  return typeof reason === 'string' && reason ? `${sentence}: ${reason}` : sentence
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
  'payment-refund-failed': 'The payment could not be refunded yet',
  'payment-closed': 'The payment was closed',
  'stock-released': 'The units were given back',
  'cancel-requested': 'Cancellation was asked for',
  'deadline-passed': 'The order was not completed in time',
  'refund-requested': 'A refund was asked for',
  'ship-requested': 'The goods left the warehouse',
  'delivery-reported': 'The goods have arrived',
  'return-received': 'Goods came back',
}
