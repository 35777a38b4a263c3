import type { Subscriber } from './stream.ts'
import type { Following } from './streams.ts'

/** A subscriber's place in a stream, and later in the streams that succeed it. */
export interface Place extends Pick<Following, 'renew' | 'leave'> {
  /**
   * Follows what `follow` opens. What was followed before goes on until that has begun, and what it has got by then comes
   * first, so that nothing is missed. Throws what `follow` throws: the place is to be left then.
   */
  move(follow: (subscriber: Subscriber) => Following): void
}

interface Step {
  following?: Following
  timer?: NodeJS.Timeout
  hasFinished: boolean
  /** What it says before its turn. */
  readonly waiting: (() => void)[]
}

/** Streams begin with the present state; one that says nothing for so long, in milliseconds, has begun all the same. */
const BEGUN_AFTER_MS = 5_000
/** What a stream has got already is given within so many milliseconds, or not at all. */
const FINISHED_AFTER_MS = 5_000

export function createPlace(subscriber: Subscriber): Place {
  /** Those that have begun. The first is heard; all but the last are to finish. */
  const line: Step[] = []
  /** Opened, and not begun. */
  let next: Step | undefined
  let hasLeft = false

  return {
    move(follow) {
      leave(next)
      const step: Step = { hasFinished: false, waiting: [] }
      next = step
      step.following = follow({
        begin: () => begin(step),
        next(event) {
          begin(step)
          if (step === line[0]) subscriber.next(event)
          else give(step, () => subscriber.next(event))
        },
        error: (error) => end(step, () => subscriber.error(error)),
        complete: () => end(step, () => subscriber.complete()),
      })
      if (hasLeft) leave(step)
      else if (line.length === 0) begin(step)
      else if (step === next) step.timer = setTimeout(() => begin(step), BEGUN_AFTER_MS).unref()
    },
    renew() {
      line.at(-1)?.following?.renew()
      next?.following?.renew()
    },
    leave() {
      hasLeft = true
      for (const step of [...line, next]) leave(step)
    },
  }

  function begin(step: Step): void {
    if (step !== next) return
    clearTimeout(step.timer)
    next = undefined
    const before = line.at(-1)
    line.push(step)
    if (!before) return
    before.timer = setTimeout(() => finish(before), FINISHED_AFTER_MS).unref()
    before.following?.finish()
  }

  function give(step: Step, tell: () => void): void {
    if (step === line[0]) tell()
    else if (line.includes(step)) step.waiting.push(tell)
  }

  function end(step: Step, tell: () => void): void {
    // The last may end to make way for what is being opened.
    if (step === line.at(-1) && next) begin(next)
    if (line.includes(step) && step !== line.at(-1)) return finish(step)
    begin(step)
    give(step, tell)
  }

  function finish(step: Step): void {
    step.hasFinished = true
    while (line.length > 1 && line[0]?.hasFinished) {
      leave(line.shift())
      for (const tell of line[0]?.waiting.splice(0) ?? []) tell()
    }
  }
}

function leave(step: Step | undefined): void {
  clearTimeout(step?.timer)
  step?.following?.leave()
}
