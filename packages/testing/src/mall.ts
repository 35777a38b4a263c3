import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MallState } from '@mall/stack'

/** The mall under test, as it is at the moment of the call. */
export function mallState(): MallState {
  const path = process.env.MALL_STATE
  if (!path) throw new Error('MALL_STATE is not set: run stories through npm, or vitest with project e2e')
  return JSON.parse(readFileSync(path, 'utf8')) as MallState
}

/** Kills a process of the mall, such as `orders` or `products-2`, as a power cut would. Its supervisor starts it again. */
export function killProcess(name: string): void {
  const pid = mallState().pids[name]
  if (pid === undefined) throw new Error(`There is no process "${name}"`)
  process.kill(pid, 'SIGKILL')
}

/** Waits until a condition holds; throws with `what` when it does not in time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  { timeoutMs = 20_000, everyMs = 100 } = {},
): Promise<T> {
  const end = Date.now() + timeoutMs
  let last: unknown
  while (Date.now() < end) {
    try {
      const result = await check()
      if (result) return result
    } catch (error) {
      last = error
    }
    await sleep(everyMs)
  }
  throw new Error(`Not in ${timeoutMs} ms: ${what}`, { cause: last })
}
