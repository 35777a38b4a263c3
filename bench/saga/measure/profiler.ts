import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector'
import pg from 'pg'

/** A statement and how often it was sent. */
export interface StatementCount {
  text: string
  count: number
}

/** Where a process spent its time, and what it asked the database. */
export interface Profile {
  cpu: Profiler.Profile
  statements: StatementCount[]
}

/** Profiles the process it is made in. It must be made before the first connection to PostgreSQL is opened. */
export function createProfiler() {
  const session = new Session()
  let counts: Map<string, number> | null = null
  countStatements((text) => counts?.set(text, (counts.get(text) ?? 0) + 1))
  return {
    async begin(): Promise<void> {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.setSamplingInterval', { interval: 500 })
      await session.post('Profiler.start')
      counts = new Map()
    },
    async end(): Promise<Profile> {
      const { profile } = await session.post('Profiler.stop')
      session.disconnect()
      const statements = [...(counts ?? [])].map(([text, count]) => ({ text, count }))
      counts = null
      return { cpu: profile, statements }
    },
  }
}

/** Prisma's adapter and our own pools all send through this one method. */
function countStatements(count: (text: string) => void): void {
  const query: (...args: unknown[]) => unknown = pg.Client.prototype.query
  const counted = function (this: pg.Client, ...args: unknown[]): unknown {
    count(textOf(args[0]))
    return query.apply(this, args)
  }
  Object.assign(pg.Client.prototype, { query: counted })
}

function textOf(statement: unknown): string {
  if (typeof statement === 'string') return statement
  const { text } = statement as { text?: string }
  return text ?? '(unknown)'
}
