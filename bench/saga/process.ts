import { fork } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { runMain, type MainContext } from '@mall/service/main'
import { createProfiler, type Profile } from './measure/profiler.ts'

/** A process under measurement. */
export interface Worker {
  readonly name: string
  readonly pid: number
  /** Where its HTTP front listens; null when it has none. */
  readonly url: string | null
  beginProfile(): Promise<void>
  endProfile(): Promise<Profile>
  stop(): Promise<void>
}

type Request = 'begin-profile' | 'end-profile'
type Report = { ready: string | null } | { begun: true } | { profile: Profile }

/** Starts a worker and waits until it is ready. It ends with its parent. */
export async function startWorker(options: {
  name: string
  file: string
  env: NodeJS.ProcessEnv
  logFile: string
}): Promise<Worker> {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = fork(options.file, {
    env: { ...process.env, ...options.env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const next = () =>
    new Promise<Report>((resolve, reject) => {
      child.once('message', (report) => resolve(report as Report))
      void exited.then(() => reject(new Error(`${options.name} has ended; see ${options.logFile}`)))
    })
  const ask = (request: Request): Promise<Report> => {
    child.send(request)
    return next()
  }
  const first = await next()
  return {
    name: options.name,
    pid: child.pid ?? 0,
    url: 'ready' in first ? first.ready : null,
    beginProfile: async () => void (await ask('begin-profile')),
    async endProfile() {
      const report = await ask('end-profile')
      if (!('profile' in report)) throw new Error(`${options.name} did not send its profile`)
      return report.profile
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Runs a worker: `run` starts it and answers with the address of its front, if it has one. */
export function runWorker(name: string, run: (context: MainContext) => Promise<string | null>): void {
  const profiler = createProfiler()
  const report = (message: Report) => process.send?.(message)
  process.on('message', (request: Request) => {
    if (request === 'begin-profile') void profiler.begin().then(() => report({ begun: true }))
    else void profiler.end().then((profile) => report({ profile }))
  })
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  runMain(name, async (context) => {
    const url = await run(context)
    report({ ready: url })
  })
}
