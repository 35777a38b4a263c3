/** What a shopper asked for and was told. */
export interface Purchase {
  key: string
  lines: readonly { skuId: string; quantity: number }[]
  /** Ids that the answers named; more than one is an error of the mall. */
  ids: Set<string>
  /** `Order`, the name of a refusal, or null while nothing has been answered. */
  answer: string | null
  /** How often it was sent, repeats after the answer included. */
  sends: number
  /** The same key with another input was not refused. */
  wasConfused: boolean
}

/** What the mall promised about an order later on. */
export interface Promised {
  orderId: string
  what: 'cancelled' | 'shipped' | 'delivered' | 'refunded' | 'returned'
  /** Of a refund or a return. */
  key?: string
}

/** All that the mall told its clients in one run; at the end it must be so. */
export interface Ledger {
  purchases: Purchase[]
  promises: Promised[]
  /** Answers that nobody can explain. */
  surprises: string[]
}

export const emptyLedger = (): Ledger => ({ purchases: [], promises: [], surprises: [] })
