import { setTimeout as sleep } from 'node:timers/promises'
import type { Mall } from '@mall/stack'
import pg from 'pg'
import { watchAppendOnlyFile } from './append-only-file.ts'
import type { Fault, FaultKind, Targets } from './schedule.ts'

/** Everybody in a mall, and what may befall them. */
export function targetsIn(mall: Mall): Targets {
  const usual: readonly FaultKind[] = ['kill', 'halt', 'terminate']
  return {
    ...Object.fromEntries(ours(mall).map((name) => [name, usual])),
    kafka: usual,
    redis: [...usual, 'power-loss'],
    postgres: [...usual, 'kill-backend'],
  }
}

/** Those that handle messages: killed in the middle of it, they must lose none. */
export const consumersIn = (mall: Mall) => ours(mall).filter((name) => /^(products|orders)/.test(name))

/** Not the sandboxes: they stand for somebody else's servers. */
const ours = (mall: Mall) => Object.keys(mall.state().pids).filter((name) => !name.endsWith('-sandbox'))

/** A fault as it happened: `false` when its target was away already. */
export interface AppliedFault extends Fault {
  happened: boolean
}

const haltMs = 5_000
const lostMs = 1_000
/** What an init system does after a SIGTERM that is not obeyed; PostgreSQL would wait for its clients for ever. */
const termPatienceMs = 4_000

/** Lets a schedule happen to a mall; at the end everybody goes on. */
export async function applyFaults(
  mall: Mall,
  schedule: readonly Fault[],
  durationMs: number,
  onFault: (fault: AppliedFault) => void,
): Promise<void> {
  const file = watchAppendOnlyFile(mall.state().dataDir)
  const halted = new Set<number>()
  const later: Promise<unknown>[] = []
  const begun = Date.now()
  for (const fault of schedule) {
    await sleep(Math.max(begun + fault.atMs - Date.now(), 0))
    onFault({ ...fault, happened: await apply(fault) })
  }
  await sleep(Math.max(begun + durationMs - Date.now(), 0))
  for (const pid of halted) signal(pid, 'SIGCONT')
  await Promise.all(later)
  file.stop()

  async function apply({ target, kind }: Fault): Promise<boolean> {
    const pid = pidOf(target)
    if (pid === undefined) return false
    switch (kind) {
      case 'kill':
        return signal(pid, 'SIGKILL')
      case 'terminate':
        later.push(insist(target, pid))
        return signal(pid, 'SIGTERM')
      case 'halt':
        return halt(target === 'postgres' ? [pid, ...(await backends(mall, 'all'))] : [pid])
      case 'kill-backend': {
        const [backend] = await backends(mall, 'busiest')
        return backend !== undefined && signal(backend, 'SIGKILL')
      }
      case 'power-loss':
        mall.infrastructure.servers.redis?.beforeNextStart(() => file.cutBack(lostMs))
        return signal(pid, 'SIGKILL')
      default: {
        const unknown: never = kind
        throw new Error('Unknown fault', { cause: unknown })
      }
    }
  }

  function halt(pids: readonly number[]): boolean {
    const happened = pids.map((pid) => signal(pid, 'SIGSTOP')).some(Boolean)
    for (const pid of pids) halted.add(pid)
    setTimeout(() => {
      for (const pid of pids) {
        signal(pid, 'SIGCONT')
        halted.delete(pid)
      }
    }, haltMs)
    return happened
  }

  async function insist(target: string, pid: number): Promise<void> {
    await sleep(target === 'postgres' ? termPatienceMs : termPatienceMs * 3)
    if (pidOf(target) === pid) signal(pid, target === 'postgres' ? 'SIGINT' : 'SIGKILL')
  }

  function pidOf(target: string): number | undefined {
    const { pids, serverPids } = mall.state()
    return pids[target] ?? serverPids[target]
  }
}

/** Processes of PostgreSQL besides the first; none when it is just away. */
async function backends(mall: Mall, which: 'all' | 'busiest'): Promise<number[]> {
  const client = new pg.Client({
    connectionString: mall.state().databases.orders,
    connectionTimeoutMillis: 1_000,
    query_timeout: 1_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: number }>(
      which === 'all'
        ? 'select pid from pg_stat_activity where pid <> pg_backend_pid()'
        : `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
           order by state_change desc nulls last limit 1`,
    )
    return rows.map(({ pid }) => pid)
  } catch {
    return []
  } finally {
    await client.end().catch(() => {})
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
