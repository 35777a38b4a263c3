import { setTimeout as sleep } from 'node:timers/promises'
import { findFaults } from '@mall/stack'

const patienceMs = 30_000

/** Throws when what was written does not add up or does not come to rest: figures of such a run say nothing. */
export async function assertConsistent(
  where: string,
  state: Parameters<typeof findFaults>[0],
): Promise<void> {
  const end = Date.now() + patienceMs
  for (;;) {
    const { moving, faults } = await findFaults(state)
    if (moving === 0 && faults.length === 0) return
    if (Date.now() > end)
      throw new Error(
        `No figures: ${where} was left with ${moving} orders in motion and ${faults.length} faults, such as ` +
          JSON.stringify(faults.slice(0, 5)),
      )
    await sleep(300)
  }
}
