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
}

/** Streams begin with the present state; one that says nothing for so long, in milliseconds, has begun all the same. */
const BEGUN_AFTER_MS = 5_000
/** What a stream has got already is given within so many milliseconds, or not at all. */
const FINISHED_AFTER_MS = 1_000

export function createPlace(subscriber: Subscriber): Place {
  let current: Step | undefined
  /** Opened, and not begun. */
  let next: Step | undefined
  /** Gives what it had got before `current` began. */
  let former: Step | undefined
  /** What `current` says meanwhile. */
  const waiting: (() => void)[] = []
  let hasLeft = false

  return {
    move(follow) {
      leave(next)
      const step: Step = {}
      next = step
      step.following = follow({
        begin: () => begin(step),
        next(event) {
          begin(step)
          give(step, () => subscriber.next(event))
        },
        error: (error) => end(step, () => subscriber.error(error)),
        complete: () => end(step, () => subscriber.complete()),
      })
      if (hasLeft) leave(step)
      else if (!current) begin(step)
      else if (step === next) step.timer = setTimeout(() => begin(step), BEGUN_AFTER_MS).unref()
    },
    renew() {
      current?.following?.renew()
      next?.following?.renew()
    },
    leave() {
      hasLeft = true
      for (const step of [former, current, next]) leave(step)
    },
  }

  function begin(step: Step): void {
    if (step !== next) return
    clearTimeout(step.timer)
    release()
    former = current
    current = step
    next = undefined
    if (!former) return
    former.timer = setTimeout(release, FINISHED_AFTER_MS).unref()
    former.following?.finish()
  }

  function give(step: Step, tell: () => void): void {
    if (step === former || (step === current && !former)) tell()
    else if (step === current) waiting.push(tell)
  }

  function end(step: Step, tell: () => void): void {
    if (step === former) return release()
    if (step === current && next) {
      // It ends to make way for what is being opened.
      current = undefined
      return begin(next)
    }
    begin(step)
    give(step, tell)
  }

  function release(): void {
    leave(former)
    former = undefined
    for (const tell of waiting.splice(0)) tell()
  }
}

function leave(step: Step | undefined): void {
  clearTimeout(step?.timer)
  step?.following?.leave()
}
