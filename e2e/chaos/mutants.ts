/** The project without one of its mechanisms: texts of a source file and what stands there instead. */
export interface Mutant {
  name: string
  /** What breaks without the mechanism, as one would explain it. */
  because: string
  /** Each must be found exactly once, so that a mutant cannot quietly become none. */
  patches: readonly { file: string; find: string; replace: string }[]
}

const orders = 'subgraphs/orders/src'
const products = 'subgraphs/products/src'

/** One for each mechanism that keeps orders and stock right in a storm. */
export const mutants: readonly Mutant[] = [
  {
    name: 'no sweeper',
    because: 'what was committed and not published stays where it is for ever',
    patches: [
      {
        file: `${orders}/assemble.ts`,
        find: 'onShutdown(startSweeper(saga, { everyMs: config.saga.sweepAfterMs / 2, logger }))',
        replace: 'void startSweeper',
      },
    ],
  },
  {
    name: 'no tombstone of a reservation',
    because: 'an order that was undone before its stock was asked for gets it afterwards, for nobody',
    patches: [
      {
        file: `${products}/stock/settle.ts`,
        find: 'const tombstones = isFinal ? rest.filter((orderId) => !known.has(orderId)) : []',
        replace: 'const tombstones: bigint[] = isFinal && known.size < 0 ? rest : []',
      },
    ],
  },
  {
    name: 'no tombstone of a payment',
    because: 'an order that was undone before it came to be paid is charged afterwards',
    patches: [
      {
        file: `${orders}/participants/payment/payment-repository.ts`,
        find: "insert(orderIds.map((orderId) => ({ orderId, status: 'CLOSED', reason: null, terms: null }))),",
        replace: 'findMany(orderIds),',
      },
    ],
  },
  {
    name: 'no tombstone of an allocation',
    because: 'goods are set aside for an order that was undone before it was paid',
    patches: [
      {
        file: `${orders}/participants/warehouse/warehouse-repository.ts`,
        find: "data: inOrder(orderIds).map((orderId) => ({ orderId, status: 'RELEASED', allocations: [] })),",
        replace: 'data: [],',
      },
    ],
  },
  {
    name: 'no guard by version',
    because: 'two processes that move an order at once overwrite each other',
    patches: [
      {
        file: `${orders}/data/order-repository.ts`,
        find: 'join input i on o.id = i.id and o.version = i.expected order by o.id for update of o',
        replace: 'join input i on o.id = i.id order by o.id for update of o',
      },
      {
        file: `${orders}/data/order-repository.ts`,
        find: 'where o.id = i.id and o.version = i.expected\n',
        replace: 'where o.id = i.id\n',
      },
      {
        // The key of the history would notice as well, and refuse the batch.
        file: `${orders}/data/order-repository.ts`,
        find: '          join written on written.id = e.order_id\n',
        replace: '          join written on written.id = e.order_id on conflict do nothing\n',
      },
    ],
  },
  {
    name: 'a reservation is not an inbox',
    because: 'an order that is placed again takes its units again',
    patches: [
      {
        file: `${products}/stock/statements.ts`,
        find: 'select not exists (select from reservation join made using (order_id))\n          and (select count(*)',
        replace: 'select (select count(*)',
      },
      {
        file: `${products}/stock/statements.ts`,
        find: 'where (select yes from written) order by order_id\n      )\n      select (select yes from written) as "isWritten"',
        replace:
          'where (select yes from written) order by order_id on conflict do nothing\n      )\n      select (select yes from written) as "isWritten"',
      },
    ],
  },
  {
    name: 'an adjustment is counted each time it comes',
    because: 'warehouses believe in goods that they do not have',
    patches: [
      {
        file: `${orders}/participants/warehouse/warehouse-repository.ts`,
        find: 'from input join fresh on ledger_id = "ledgerId"\n',
        replace: 'from input left join fresh on ledger_id = "ledgerId"\n',
      },
    ],
  },
  {
    name: 'a return is counted each time it comes',
    because: 'one unit that came back can be sold twice',
    patches: [
      {
        file: `${products}/stock/stock-repository.ts`,
        find: 'for (const { orderId, returnId } of fresh) {',
        replace: 'void fresh\n        for (const { orderId, returnId } of returns) {',
      },
    ],
  },
  {
    name: 'a refund is made each time it is asked for',
    because: 'a clerk who clicks twice gives the money back twice',
    patches: [
      {
        file: `${orders}/saga/after-sale.ts`,
        find: 'const earlier = state.refunds.find(({ id }) => id === request.refundId)',
        replace: 'const earlier = state.refunds.find(({ id }) => id === `not ${request.refundId}`)',
      },
    ],
  },
  {
    name: 'no rebuild of the live stock',
    because: 'after a power cut Redis shows what was true a second before it, and the gate believes it',
    patches: [
      {
        file: `${products}/stock/live-stock.ts`,
        find: "client.on('ready', () => void rebuild())",
        replace: "client.on('ready', () => (isCurrent = true))",
      },
      {
        // Two more ways by which the copy catches up: every second, and when a process of products starts.
        file: `${products}/stock/live-stock.ts`,
        find: 'if (!(await redis.isSigned())) return await rebuild()',
        replace: 'if (turn === latest) return',
      },
      {
        file: `${products}/stock/assemble.ts`,
        find: 'await live.rebuild()',
        replace: 'void live.rebuild',
      },
    ],
  },
  {
    name: 'positions committed before the work is done',
    because: 'what was being handled when a process died is never handled',
    patches: [
      {
        file: 'packages/bus/src/consumer.ts',
        find: '        await receiveTogether(slice.map(',
        replace:
          '        positions.done(topic, partition, slice.at(-1)?.offset ?? from.toString())\n        void positions.commit()\n        await receiveTogether(slice.map(',
      },
    ],
  },
  {
    name: 'keys are not unique',
    because: 'a shopper who sends the order again gets two',
    patches: [
      {
        file: `${orders}/data/order-rows.ts`,
        find: 'idempotency_key: content.idempotencyKey,',
        replace: 'idempotency_key: `${content.idempotencyKey}:${content.id}`,',
      },
    ],
  },
  {
    name: 'goods are not put back when an order is undone',
    because: 'they stay set aside for nobody',
    patches: [
      {
        file: `${orders}/saga/undoing.ts`,
        find: 'undoFrom(state, placeOrder.length - 1, reason, at)',
        replace: 'undoFrom(state, placeOrder.length - 2, reason, at)',
      },
    ],
  },
  {
    name: 'stock is given back before goods and money',
    because: 'somebody buys the unit that is still set aside for the order before',
    patches: [
      {
        file: `${orders}/saga/place-order.ts`,
        find: "undo: 'stock-release',\n    undone: ['stock-released'],",
        replace: "undo: 'warehouse-release' ,\n    undone: ['warehouse-released' ],",
      },
      {
        file: `${orders}/saga/place-order.ts`,
        find: "undo: 'warehouse-release',\n    undone: ['warehouse-released'],",
        replace: "undo: 'stock-release',\n    undone: ['stock-released'],",
      },
    ],
  },
]
