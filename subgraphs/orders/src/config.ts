import { integer, readConfig } from '@mall/service/config'
import { subgraphSettings, subgraphVariables } from '@mall/service/subgraph-config'
import { z } from 'zod'

/** Every setting of the orders process. Durations in milliseconds. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env)
  return {
    ...subgraphSettings(values),
    saga: {
      /** When an order that has not been confirmed is given up. */
      deadlineMs: values.ORDER_DEADLINE_MS,
      /** When an order that has not moved is driven on. */
      sweepAfterMs: values.ORDER_SWEEP_AFTER_MS,
    },
  }
}

const variables = z.object({
  ...subgraphVariables('orders', 4003),
  ORDER_DEADLINE_MS: integer(10 * 60_000),
  ORDER_SWEEP_AFTER_MS: integer(2_000),
})
