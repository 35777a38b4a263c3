/**
 * The header that tells a subgraph when the router stops waiting for its answer, in epoch milliseconds: the subgraph's
 * timeout or the operation's deadline, whichever comes first.
 */
export const DEADLINE_HEADER = 'x-deadline'

/** Whether nobody waits any more. A header that is missing or no number says nothing. */
export const isPast = (header: unknown, now: number): boolean =>
  typeof header === 'string' && header !== '' && Number(header) <= now
