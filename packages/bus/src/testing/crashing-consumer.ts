import type { AnyEvent } from '@mall/contracts'
import { createTestBus, labelOf } from './test-bus.ts'

// Handles one batch, says so, and is killed before its position is committed: what a crash at the worst moment does.
const [brokers = '', namespace = ''] = process.argv.slice(2)
const bus = await createTestBus(brokers.split(','), { namespace })
await bus.consume({
  group: 'readers',
  topics: ['stock-release'],
  handle: async (events: readonly AnyEvent[]) => {
    process.stdout.write(`${events.map(labelOf).join(' ')}\n`, () =>
      setImmediate(() => process.kill(process.pid, 'SIGKILL')),
    )
  },
})
