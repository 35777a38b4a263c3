import { setTimeout as sleep } from 'node:timers/promises'
import { startProgram, waitUntil, type Program, type ProgramOptions } from './process.ts'

/** A part of the infrastructure that runs and can be stopped. */
export interface Service {
  stop(): Promise<void>
}

/** A server that is started again when it ends by itself. */
export interface KeptServer extends Service {
  /** Of the process that was started last; it may have ended a moment ago. */
  pid(): number
  /** Runs once, between the server's next end and its next start: for what a power cut does to its files. */
  beforeNextStart(prepare: () => void): void
}

/** Told when a kept server ends and when it runs as another process. */
export interface KeptServerEvents {
  onProgress(text: string): void
  onChange(): void
}

const firstRestartMs = 300
const longestRestartMs = 3_000
/** Who ran this long and ends did not fail to start. */
const settledAfterMs = 5_000

/**
 * Starts a server, waits until it answers and keeps it running. A start that fails is tried again for ever: after a
 * kill of PostgreSQL, what is left of it holds its memory and refuses the new one until it has noticed.
 */
export async function keepServer(
  options: ProgramOptions & Partial<KeptServerEvents> & { answers(): Promise<boolean>; withinMs: number },
): Promise<KeptServer> {
  const { name, logFile, answers, withinMs, onProgress, onChange } = options
  let isStopping = false
  let isUp = false
  let prepareNext: (() => void) | null = null
  let program = launch(firstRestartMs)
  await waitUntil(name, answers, { timeoutMs: withinMs, program, logFile })
  isUp = true
  return {
    pid: () => program.pid,
    beforeNextStart: (prepare) => void (prepareNext = prepare),
    async stop() {
      isStopping = true
      // One that was halted could not hear of it.
      program.kill('SIGCONT')
      await program.stop()
    },
  }

  function launch(delayMs: number): Program {
    const startedAt = Date.now()
    const started = startProgram(options)
    void started.exited.then(async (code) => {
      if (isStopping || !isUp) return
      onProgress?.(`${name} ended (${code}), starting it again; its log: ${logFile}`)
      const hasRun = Date.now() - startedAt > settledAfterMs
      await sleep(hasRun ? firstRestartMs : delayMs)
      if (isStopping) return
      prepareNext?.()
      prepareNext = null
      program = launch(hasRun ? firstRestartMs : Math.min(delayMs * 2, longestRestartMs))
      onChange?.()
    })
    return started
  }
}
