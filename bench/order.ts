/**
 * `npm run bench:order`: whole orders through the router of a started mall (npm start), signed in, each followed by
 * subscription until it is CONFIRMED. Prints orders per second, latencies and CPU per order at 1, 16 and 64 in flight.
 * `npm run bench:order -- --seconds 15 --repeat 3`
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { MallState } from '@mall/stack'
import { createClient, signIn, type MallClient } from '@mall/testing'
import { address, createSku, placeOrderDocument } from '../e2e/shop.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, repeat: { type: 'string', default: '3' } },
})
process.env.MALL_STATE ??= join(import.meta.dirname, '..', '.data', 'mall.json')
const state = JSON.parse(readFileSync(process.env.MALL_STATE, 'utf8')) as MallState
const router = state.routers[0] ?? ''
const clockTicksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

const staff = createClient(router, await signIn(router, 'staff@mall.test'))
const skus = await Promise.all(Array.from({ length: 20 }, () => createSku(staff, { stock: 900 })))
await Promise.all(skus.map((skuId) => refill(skuId)))
const buyers = await Promise.all(
  Array.from({ length: 25 }, async (_, i) =>
    createClient(router, await signIn(router, `shopper${i + 1}@mall.test`)),
  ),
)

console.log(`warming up; then ${values.repeat} × ${values.seconds} s at each number in flight`)
await measure(8, 5_000)
console.log(
  'in flight   orders/s   placeOrder p50 / p95 ms   CONFIRMED p50 / p95 ms   CPU ms/order (our processes)',
)
for (const inFlight of [1, 16, 64])
  for (let run = 0; run < Number(values.repeat); run += 1) {
    const { rate, place, confirm, cpu } = await measure(inFlight, Number(values.seconds) * 1_000)
    const cells = [
      String(inFlight).padStart(9),
      rate.toFixed(1).padStart(10),
      `${at(place, 0.5)} / ${at(place, 0.95)}`.padStart(25),
      `${at(confirm, 0.5)} / ${at(confirm, 0.95)}`.padStart(24),
      cpu.toFixed(1).padStart(14),
    ]
    console.log(cells.join(' '))
  }
await Promise.all([staff, ...buyers].map((client) => client.close()))

/** Keeps `inFlight` orders going for a time. Latencies in milliseconds, sorted. */
async function measure(inFlight: number, durationMs: number) {
  const place: number[] = []
  const confirm: number[] = []
  const cpuBefore = cpuMs()
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async (_, index) => {
      const buyer = buyers[index % buyers.length] ?? staff
      while (performance.now() - begun < durationMs) {
        const start = performance.now()
        const id = await order(buyer)
        place.push(performance.now() - start)
        await untilConfirmed(buyer, id)
        confirm.push(performance.now() - start)
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1_000
  const cpu = (cpuMs() - cpuBefore) / confirm.length
  return {
    rate: confirm.length / seconds,
    cpu,
    place: place.sort(ascending),
    confirm: confirm.sort(ascending),
  }
}

async function order(buyer: MallClient): Promise<string> {
  const skuId = skus[Math.floor(Math.random() * skus.length)]
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

async function refill(skuId: string): Promise<void> {
  await staff.query(
    `mutation ($skuId: ID!, $key: ID!) {
      adjustStock(skuId: $skuId, delta: 1000000, reason: "bench", idempotencyKey: $key) { __typename }
    }`,
    { skuId, key: randomUUID() },
  )
}

/** CPU time of the mall's own processes so far, user and system, in milliseconds. */
function cpuMs(): number {
  const { pids } = JSON.parse(readFileSync(process.env.MALL_STATE ?? '', 'utf8')) as MallState
  return Object.values(pids).reduce((sum, pid) => sum + cpuOf(pid), 0)
}

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command's name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond) * 1_000
}

function ascending(a: number, b: number): number {
  return a - b
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN).toFixed(1)
}
