import { randomUUID } from 'node:crypto'
import { startMall } from '@mall/stack'
import { createClient, signIn, type MallClient } from '@mall/testing'
import { address, createSku, place, placeOrderDocument } from '../../e2e/shop.ts'
import { assertConsistent } from './consistent.ts'
import { createDataDir } from './data-dir.ts'

/** A started mall and people who are signed in to it. */
export interface OpenMall {
  /** The mall's processes, without those that stand in for providers. */
  workers(): { name: string; pid: number }[]
  /** One of the buyers places an order. */
  order(): Promise<Placing>
  /** All at once buy one unit of a new article of which there are few. Milliseconds until the last has an answer. */
  rush(buyers: number, stock: number): Promise<number>
  /** Throws when what was ordered does not add up, or does not come to rest. */
  check(): Promise<void>
  close(): Promise<void>
}

/** An order that was accepted. `confirmed` follows it by a subscription of its own. */
export interface Placing {
  confirmed(): Promise<void>
}

const buyersCount = 25

/** Starts a mall of the benchmark's own, without the web app. */
export async function openMall(options: { onProgress(text: string): void }): Promise<OpenMall> {
  const dataDir = createDataDir()
  const mall = await startMall({
    dataDir,
    // Text messages go out behind the order's back; a stand-in for their provider would take CPU that a mall has not to give.
    env: { ...process.env, LOG_LEVEL: 'warn', SMS_PROVIDER: 'none' },
    web: 'none',
    portOffset: 30_000,
    onProgress: options.onProgress,
  })
  const router = mall.state().routers[0] ?? ''
  const clientOf = async (login: string) => createClient(router, await signIn(router, login))
  const staff = await clientOf('staff@mall.test')
  const skus = await Promise.all(Array.from({ length: 20 }, () => createSku(staff, { stock: 900 })))
  await Promise.all(skus.map((skuId) => refill(staff, skuId)))
  const buyers = await Promise.all(
    Array.from({ length: buyersCount }, (_, index) => clientOf(`shopper${index + 1}@mall.test`)),
  )
  let turn = 0
  const nextBuyer = () => buyers[(turn += 1) % buyers.length] ?? staff
  return {
    workers: () =>
      Object.entries(mall.state().pids)
        .filter(([name]) => !name.endsWith('-sandbox'))
        .map(([name, pid]) => ({ name, pid })),
    async order() {
      const buyer = nextBuyer()
      const id = await placeOne(buyer, skus[turn % skus.length] ?? '')
      return { confirmed: () => untilConfirmed(buyer, id) }
    },
    async rush(count, stock) {
      const skuId = await createSku(staff, { stock })
      const begun = performance.now()
      await Promise.all(Array.from({ length: count }, () => place(nextBuyer(), skuId)))
      return performance.now() - begun
    },
    check: () => assertConsistent('the mall', mall.state()),
    async close() {
      await Promise.all([staff, ...buyers].map((client) => client.close()))
      await mall.stop()
    },
  }
}

async function placeOne(buyer: MallClient, skuId: string): Promise<string> {
  const { placeOrder } = await buyer.query<{ placeOrder: { id?: string; message?: string } }>(
    placeOrderDocument,
    {
      input: {
        lines: [{ skuId, quantity: 1 }],
        shippingAddress: address,
        paymentMethod: 'SANDBOX',
        idempotencyKey: randomUUID(),
      },
    },
  )
  if (!placeOrder.id) throw new Error(`An order was refused: ${placeOrder.message}`)
  return placeOrder.id
}

async function untilConfirmed(buyer: MallClient, id: string): Promise<void> {
  const events = buyer.subscribe<{ orderChanged: { status: string } }>(
    'subscription ($id: ID!) { orderChanged(id: $id) { status } }',
    { id },
  )
  for await (const { orderChanged } of events) {
    if (orderChanged.status === 'CONFIRMED') return
    if (orderChanged.status === 'CANCELLED') throw new Error(`Order ${id} was cancelled`)
  }
}

async function refill(staff: MallClient, skuId: string): Promise<void> {
  await staff.query(
    `mutation ($skuId: ID!, $key: ID!) {
      adjustStock(skuId: $skuId, delta: 1000000, reason: "bench", idempotencyKey: $key) { __typename }
    }`,
    { skuId, key: randomUUID() },
  )
}
