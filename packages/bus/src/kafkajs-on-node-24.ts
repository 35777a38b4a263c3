import { createRequire } from 'node:module'

/**
 * kafkajs 2.2.4 sets a timer for every request, with a negative delay while nothing throttles it. Node 24 warns of that
 * and runs it after 1 ms, again and again: 3–4 % of a core for each connection. The timer is only needed while requests
 * wait, or the broker throttles us.
 */
interface RequestQueue {
  throttledUntil: number
  pending: unknown[]
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as {
  prototype: { scheduleCheckPendingRequests: (this: RequestQueue) => void }
}
const schedule = prototype.scheduleCheckPendingRequests

prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this)
}
