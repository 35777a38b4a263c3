import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

/** CPU time so far, user and system, in milliseconds, by what it was spent on. */
export type CpuTimes = Record<string, number>

const msPerTick = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/**
 * CPU of the workers by name, of the loader (this process), and of the servers that it started: PostgreSQL with all
 * backends, also those that have ended, Redis and Kafka. `others` is the rest of what the machine was busy with: while it
 * is not small, other programs spoil the figures.
 */
export function readCpu(workers: readonly { name: string; pid: number }[]): CpuTimes {
  const processes = readProcesses()
  const times: CpuTimes = { loader: own(processes.get(process.pid)) }
  for (const { name, pid } of workers) times[name] = own(processes.get(pid))
  for (const one of processes.values()) {
    if (one.command === 'postgres') times.PostgreSQL = (times.PostgreSQL ?? 0) + cpuOfServer(one, processes)
    if (one.parent !== process.pid) continue
    if (one.command === 'redis-server') times.Redis = own(one)
    if (one.command === 'java') times.Kafka = own(one)
  }
  const ours = Object.values(times).reduce((sum, ms) => sum + ms, 0)
  return { ...times, others: busyMs() - ours }
}

/** What was spent between two readings. */
export function spent(before: CpuTimes, after: CpuTimes): CpuTimes {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]))
}

interface ProcessStat {
  pid: number
  command: string
  parent: number
  ownMs: number
  /** Of children that have ended and were waited for. */
  endedMs: number
}

/** The part of a PostgreSQL process: the server itself carries what its ended backends have used. */
function cpuOfServer(one: ProcessStat, processes: ReadonlyMap<number, ProcessStat>): number {
  if (one.parent === process.pid) return one.ownMs + one.endedMs
  return processes.get(one.parent)?.parent === process.pid ? one.ownMs : 0
}

/** All cores of the machine, without idling and waiting for disks; the fields are those of proc(5). */
function busyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number)
  return (user + nice + system + irq + softirq) * msPerTick
}

const own = (one: ProcessStat | undefined) => one?.ownMs ?? 0

function readProcesses(): Map<number, ProcessStat> {
  const processes = new Map<number, ProcessStat>()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    const stat = Number.isInteger(pid) ? readStat(pid) : null
    if (stat) processes.set(pid, stat)
  }
  return processes
}

function readStat(pid: number): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name, in brackets, may hold spaces; what follows it is numbered in proc(5) from 3 on.
    const end = stat.lastIndexOf(')')
    const fields = stat.slice(end + 2).split(' ')
    const field = (number: number) => Number(fields[number - 3])
    return {
      pid,
      command: stat.slice(stat.indexOf('(') + 1, end),
      parent: field(4),
      ownMs: (field(14) + field(15)) * msPerTick,
      endedMs: (field(16) + field(17)) * msPerTick,
    }
  } catch {
    // It has ended since the folder was read.
    return null
  }
}
