/** What was used in the present fixed window, and in the one before; both begin at multiples of the window. */
export interface Usage {
  readonly current: number
  readonly previous: number
  /** Milliseconds since the present one began. */
  readonly elapsed: number
}

/** What is asked: at least `need` units or nothing, and as many as `want` where they are free. */
export interface Want {
  readonly key: string
  readonly need: number
  readonly want: number
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

export interface Grant {
  /** 0: refused. */
  readonly granted: number
  /** Milliseconds until as much would be free, if nothing else is used meanwhile; 0 when granted. */
  readonly retryAfter: number
}

/**
 * A sliding window, counted as two fixed ones: of the one before counts as much as the last `window` milliseconds still
 * reach into it. Exact where use is even, and never more than the limit in a fixed window.
 */
export function decideGrant(
  { current, previous, elapsed }: Usage,
  { need, want, limit, window }: Want,
): Grant {
  // Whole numbers as long as they can be: a share as a fraction would be free a rounding too late.
  const free = limit - current - (previous * (window - elapsed)) / window
  if (free >= need) return { granted: Math.min(want, Math.floor(free)), retryAfter: 0 }
  return {
    granted: 0,
    retryAfter: Math.ceil(waitFor({ current, previous, elapsed }, { need, limit, window })),
  }
}

function waitFor(
  { current, previous, elapsed }: Usage,
  { need, limit, window }: Pick<Want, 'need' | 'limit' | 'window'>,
): number {
  if (need > limit) return window
  const until = (used: number, beside: number) => (window * (used + need + beside - limit)) / used
  if (current + need <= limit) return until(previous, current) - elapsed
  return window - elapsed + Math.max(0, until(current, 0))
}
