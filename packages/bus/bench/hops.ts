import { createMessage } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createBus } from '../src/index.ts'

/**
 * Time from publish to handle, the figure of design decision 0003: `node packages/bus/bench/hops.ts [per second]`.
 * KAFKA_BROKERS names the broker.
 */
const perSecond = Number(process.argv[2] ?? 100)
const seconds = 5
const logger = createLogger({ name: 'bench', level: 'error' })
const bus = await createBus({
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9094').split(','),
  clientId: 'bench',
  signingKeys: [{ id: 'bench', secret: 'a-secret-of-the-bench' }],
  region: 'local',
  namespace: `bench-${process.pid}.`,
  logger,
})
await bus.ensureTopics([{ name: 'stock-release' }], { partitions: 3 })
const hops: number[] = []
const acks: number[] = []
await bus.consume({
  group: 'bench',
  topics: ['stock-release'],
  handle: async (events) => {
    const now = performance.now()
    for (const { data } of events) if ('reason' in data) hops.push(now - Number(data.reason))
  },
})
const publish = async (i: number) => {
  const start = performance.now()
  await bus.publish([createMessage('stock-release', { orderId: String(i), reason: String(start) })])
  acks.push(performance.now() - start)
}
for (let i = 0; i < 200; i += 1) await publish(i)
hops.length = 0
acks.length = 0
const cpu = process.cpuUsage()
const start = performance.now()
let sent = 0
while (sent < perSecond * seconds) {
  const due = Math.min(perSecond * seconds, ((performance.now() - start) / 1_000) * perSecond)
  for (; sent < due; sent += 1) void publish(sent)
  await new Promise((resolve) => setTimeout(resolve, 1))
}
while (hops.length < perSecond * seconds) await new Promise((resolve) => setTimeout(resolve, 5))
const { user, system } = process.cpuUsage(cpu)
console.log(`${perSecond}/s: publish → handle ${quantiles(hops)}; publish → acknowledged ${quantiles(acks)}`)
console.log(`CPU ${((user + system) / 1_000 / hops.length).toFixed(3)} ms per message, both sides`)
await bus.close()

function quantiles(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number) => (sorted[Math.floor(q * (sorted.length - 1))] ?? NaN).toFixed(2)
  return `p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} ms`
}
