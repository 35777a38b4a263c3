import { setTimeout as sleep } from 'node:timers/promises'
import { startProgram, waitUntil, type Program, type ProgramOptions } from './process.ts'

/** A process of the mall: how it is started and how it shows that it is ready. */
export interface Plan extends ProgramOptions {
  /** Answers with 2xx when the process can take traffic. */
  readyUrl: string
}

/** Keeps processes running: one that ends by itself is started again. */
export interface Supervisor {
  /** Starts processes side by side and waits until all are ready. */
  start(plans: readonly Plan[], timeoutMs: number): Promise<void>
  pids(): Record<string, number>
  readyUrls(): string[]
  stop(): Promise<void>
}

const firstRestartMs = 300
const longestRestartMs = 10_000

export function createSupervisor(options: {
  onProgress(text: string): void
  /** Called whenever a process id changes. */
  onChange(pids: Record<string, number>): void
}): Supervisor {
  const running = new Map<string, Program>()
  const order: Plan[] = []
  let stopping = false

  const pids = () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid]))

  function launch(plan: Plan, delayMs = firstRestartMs): Program {
    const program = startProgram(plan)
    const startedAt = Date.now()
    running.set(plan.name, program)
    options.onChange(pids())
    void program.exited.then(async (code) => {
      if (stopping || !ready.has(plan.name)) return
      options.onProgress(`${plan.name} ended (${code}), starting it again; its log: ${plan.logFile}`)
      const next = Date.now() - startedAt > 10_000 ? firstRestartMs : Math.min(delayMs * 2, longestRestartMs)
      await sleep(delayMs)
      if (!stopping) launch(plan, next)
    })
    return program
  }

  const ready = new Set<string>()
  return {
    pids,
    readyUrls: () => order.map(({ readyUrl }) => readyUrl),
    async start(plans, timeoutMs) {
      await Promise.all(
        plans.map(async (plan) => {
          order.push(plan)
          const program = launch(plan)
          await waitUntil(plan.name, () => isReady(plan.readyUrl), {
            timeoutMs,
            program,
            logFile: plan.logFile,
          })
          ready.add(plan.name)
          options.onProgress(`${plan.name} is ready`)
        }),
      )
    },
    async stop() {
      stopping = true
      for (const { name } of order.toReversed()) await running.get(name)?.stop()
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.ok
}
