/** A router in a process of its own, so that what it needs is its own: told by its parent, like the benchmark's peers. */
import { startRouter } from '../../src/start.ts'
import { bareOptions } from '../../src/testing/bare-options.ts'

const file = { arrival: { headers: 600, request: 900 } }
const { url } = await startRouter(bareOptions(process.argv[2] ?? '', file))
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({ alive: heapUsed + external })
})
process.on('disconnect', () => process.exit())
process.send?.({ url })
