import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from './problem.ts'

/** A program to run in the background. Its output goes to `logFile`. */
export interface ProgramOptions {
  name: string
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  logFile: string
  uid?: number
  gid?: number
  /** How it is asked to stop. @default 'SIGTERM' */
  stopSignal?: NodeJS.Signals
}

/** A program that runs in a process group of its own, so that a Ctrl-C in the terminal is ours to pass on. */
export interface Program {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<number>
  hasExited(): boolean
  kill(signal: NodeJS.Signals): void
  /** Asks it to stop, and kills it when that takes longer than `patienceMs`. */
  stop(patienceMs?: number): Promise<void>
}

const running = new Set<Program>()

/** Stops whatever still runs: for an end in the middle of a start. */
export async function stopAllPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.stop()))
}

/** Starts a program. Throws when it cannot be started at all. */
export function startProgram(options: ProgramOptions): Program {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
  })
  closeSync(log)
  const program = programOf(options.name, child, options.stopSignal ?? 'SIGTERM')
  running.add(program)
  void program.exited.then(() => running.delete(program))
  return program
}

/** Runs a program to its end. Throws a Problem with the end of its output when it fails. */
export async function runProgram(options: ProgramOptions): Promise<void> {
  // What it prints is shown when it fails, so an earlier run's must not stand before it.
  rmSync(options.logFile, { force: true })
  const program = startProgram(options)
  const code = await program.exited
  if (code !== 0) throw new Problem(`${options.name} failed (exit code ${code}).\n${tailOf(options.logFile)}`)
}

/** Waits until `check` holds, at most `timeoutMs`; gives up at once when the program has ended. */
export async function waitUntil(
  what: string,
  check: () => Promise<boolean>,
  options: { timeoutMs: number; program?: Program; logFile?: string },
): Promise<void> {
  const end = Date.now() + options.timeoutMs
  while (!(await check().catch(() => false))) {
    const output = options.logFile ? `\n${tailOf(options.logFile)}` : ''
    if (options.program?.hasExited()) throw new Problem(`${what} stopped while starting.${output}`)
    if (Date.now() > end)
      throw new Problem(`${what} was not ready after ${options.timeoutMs / 1000} s.${output}`)
    await sleep(100)
  }
}

/** The last lines of a log. */
export function tailOf(file: string, lines = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}

function programOf(name: string, child: ChildProcess, stopSignal: NodeJS.Signals): Program {
  let hasExited = false
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)))
  }).finally(() => (hasExited = true))
  const pid = child.pid
  if (pid === undefined) throw new Problem(`${name} could not be started.`)
  return {
    name,
    pid,
    exited,
    hasExited: () => hasExited,
    kill: (signal) => signalGroup(pid, signal),
    async stop(patienceMs = 12_000) {
      if (hasExited) return
      signalGroup(pid, stopSignal)
      // The child keeps us alive while it runs; the wait for it must not, once it has ended.
      const inTime = await Promise.race([exited.then(() => true), sleep(patienceMs, false, { ref: false })])
      if (!inTime) signalGroup(pid, 'SIGKILL')
      await exited
    },
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended meanwhile, which is what the signal was for.
  }
}
