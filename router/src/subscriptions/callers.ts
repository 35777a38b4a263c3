import { setImmediate } from 'node:timers/promises'
import type { Viewer } from '@mall/access'
import type { Authentication, Session } from '../authentication.ts'
import type { LiveGraph } from '../graph.ts'
import type { Operation } from './operation.ts'

/** Who is at the other end of a socket or an event stream, and what runs there. */
export interface Caller {
  readonly address: string
  session: Session | null
  viewer: Viewer | null
  /** By the client's id. */
  readonly running: Map<string, Operation>
}

/** Those who are there, as long as their tokens and sessions are good. */
export interface Callers<One extends Caller> {
  readonly all: ReadonlySet<One>
  add(caller: One): void
  /** Ends what runs for a caller that has left. */
  remove(caller: One): void
  close(): void
}

/** One timer for all: a token is outlived by this at most. */
const LOOK_EVERY_MS = 250

/** What callers and their operations depend on. */
export interface CallersDeps {
  readonly authentication: Authentication | null
  readonly onSwap: LiveGraph['onSwap']
}

/** `expel` is called with a caller whose token has expired, or whose session was revoked. */
export function createCallers<One extends Caller>(
  { authentication, onSwap }: CallersDeps,
  expel: (caller: One) => void,
): Callers<One> {
  const all = new Set<One>()
  const offChange = authentication?.onChange(() => void reconsider())
  const offSwap = onSwap(() => void fitSupergraph())
  const timer = setInterval(expelExpired, LOOK_EVERY_MS).unref()

  return {
    all,
    add: (caller) => void all.add(caller),
    remove(caller) {
      all.delete(caller)
      for (const operation of caller.running.values()) operation.stop()
      caller.running.clear()
    },
    close() {
      clearInterval(timer)
      offChange?.()
      offSwap()
    },
  }

  function expelExpired(): void {
    const now = Date.now()
    for (const caller of all) if (caller.session && caller.session.expiresAt <= now) expel(caller)
  }

  async function fitSupergraph(): Promise<void> {
    for (const { running } of [...all]) {
      for (const operation of [...running.values()]) await operation.fitSupergraph()
      // Others are served in between.
      await setImmediate()
    }
  }

  async function reconsider(): Promise<void> {
    for (const caller of all) {
      const { session, viewer: before } = caller
      if (!session || !authentication) continue
      const viewer = authentication.viewerOf(session)
      if (!viewer) expel(caller)
      else if (!before || !sameScopes(before, viewer)) {
        caller.viewer = viewer
        for (const operation of [...caller.running.values()]) await operation.reconsider(viewer)
      }
    }
  }
}

const sameScopes = (a: Viewer, b: Viewer) =>
  a.scopes.length === b.scopes.length && a.scopes.every((scope) => b.scopes.includes(scope))
