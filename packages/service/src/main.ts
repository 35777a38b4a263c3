import { ConfigError } from './config.ts'
import { createLogger } from './logger.ts'

export interface MainContext {
  /** Registers a step for the end; steps run in reverse order of registration, each to its end. */
  onShutdown(step: () => Promise<unknown> | void): void
  /** Ends the process as SIGTERM would, with exit code 1: for a loss that cannot be mended while running. */
  fail(error: unknown): void
}

/** How long the shutdown steps may take together, in milliseconds. */
const SHUTDOWN_BOUND_MS = 10_000

/**
 * Runs a process: start it in `run`, register what is to be closed, and SIGTERM or SIGINT closes it in reverse
 * within 10 s. Faults of the configuration are printed by name; whatever else fails the start is logged; both exit 1.
 */
export function runMain(name: string, run: (context: MainContext) => Promise<void>): void {
  const logger = createLogger({ name })
  const steps: (() => Promise<unknown> | void)[] = []
  let stopping = false

  process.once('SIGTERM', () => void stop(0))
  process.once('SIGINT', () => void stop(0))
  process.on('unhandledRejection', (error) => {
    logger.fatal({ error }, 'a rejection was not handled')
    void stop(1)
  })

  const fail = (error: unknown) => {
    if (error instanceof ConfigError) process.stderr.write(`${name}: ${error.message}\n`)
    else logger.fatal({ error }, 'the process cannot go on')
    void stop(1)
  }

  run({ onShutdown: (step) => void steps.push(step), fail }).catch(fail)

  async function stop(exitCode: number): Promise<void> {
    if (stopping) return
    stopping = true
    setTimeout(() => {
      logger.error('the shutdown took too long')
      process.exit(1)
    }, SHUTDOWN_BOUND_MS).unref()
    for (const step of steps.toReversed()) {
      try {
        await step()
      } catch (error) {
        logger.error({ error }, 'a shutdown step failed')
      }
    }
    process.exit(exitCode)
  }
}
