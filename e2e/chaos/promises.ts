import type { MallState } from '@mall/stack'
import pg from 'pg'
import type { Ledger, Promised, Purchase } from './ledger.ts'

/** Something the mall said or did that is not so, or must not be. */
export interface Violation {
  rule: string
  subject: string
}

interface OrderRow {
  id: string
  key: string
  status: string
  refunds: { id: string; status: string }[]
  returns: { id: string }[]
}

/** Compares what clients were told with what the mall knows at the end. */
export async function findBrokenPromises(
  state: MallState,
  run: string,
  ledger: Ledger,
): Promise<Violation[]> {
  const client = new pg.Client({ connectionString: state.databases.orders })
  await client.connect()
  try {
    const { rows } = await client.query<OrderRow>(
      `select id::text, idempotency_key as key, status, saga->'refunds' as refunds, saga->'returns' as returns
       from "order" where idempotency_key like $1`,
      [`${run}-%`],
    )
    const byKey = Map.groupBy(rows, ({ key }) => key)
    const byId = new Map(rows.map((row) => [row.id, row]))
    return [
      ...ledger.purchases.flatMap((purchase) => purchaseFaults(purchase, byKey.get(purchase.key) ?? [])),
      ...ledger.promises.flatMap((promised) => promiseFaults(promised, byId.get(promised.orderId))),
      ...ledger.surprises.map((subject) => ({ rule: 'every answer is one that was agreed', subject })),
    ]
  } finally {
    await client.end()
  }
}

function purchaseFaults(
  { key, ids, answer, wasConfused }: Purchase,
  orders: readonly OrderRow[],
): Violation[] {
  const subject = `${key}: ${[...ids].join(', ')}`
  const faults: Violation[] = []
  if (ids.size > 1 || orders.length > 1) faults.push({ rule: 'one key makes one order', subject })
  if ([...ids].some((id) => !orders.some((order) => order.id === id)))
    faults.push({ rule: 'an accepted order is there', subject })
  if (answer === null) faults.push({ rule: 'every order is answered once all is well', subject })
  if (answer !== null && ids.size === 0 && orders.length > 0)
    faults.push({ rule: 'a refused order is not there', subject: `${subject} ${answer}` })
  if (answer !== null && !['Order', 'InsufficientStockError'].includes(answer))
    faults.push({ rule: 'every answer is one that was agreed', subject: `${subject} ${answer}` })
  if (wasConfused) faults.push({ rule: 'a key with another input is refused', subject })
  return faults
}

function promiseFaults({ orderId, what, key }: Promised, order: OrderRow | undefined): Violation[] {
  return order && isKept(what, key, order)
    ? []
    : [{ rule: `what was ${what} stays ${what}`, subject: `${orderId} is ${order?.status ?? 'unknown'}` }]
}

function isKept(what: Promised['what'], key: string | undefined, order: OrderRow): boolean {
  switch (what) {
    case 'cancelled':
      // A refund of everything before shipping undoes the order as well, and ends it under that name.
      return ['CANCELLED', 'REFUNDED'].includes(order.status)
    case 'shipped':
      return ['SHIPPED', 'DELIVERED', 'REFUNDED'].includes(order.status)
    case 'delivered':
      return ['DELIVERED', 'REFUNDED'].includes(order.status)
    case 'refunded':
      return order.refunds.filter(({ id, status }) => id === key && status === 'DONE').length === 1
    case 'returned':
      return order.returns.filter(({ id }) => id === key).length === 1
    default: {
      const unknown: never = what
      throw new Error('Unknown promise', { cause: unknown })
    }
  }
}
