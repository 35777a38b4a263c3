import { createBreaker, type Breaker } from './breaker.ts'
import { subgraphDefaults, type SubgraphsFile } from './config.ts'

/** A running copy of a subgraph. */
export interface Instance {
  readonly url: string
  readonly breaker: Breaker
  /** What was found by asking it; unknown while nobody has asked. */
  health: 'unknown' | 'ready' | 'down'
  /** Queries under way here: they are sent elsewhere when it turns out dead. */
  readonly queries: Set<{ sendElsewhere(): void }>
}

/** The instances of a subgraph, taken in turns. */
export interface Endpoints {
  /** Every instance that takes requests once, beginning with the next in turn: what to try, in order. */
  inTurn(): string[]
  /** The next instance that may be asked and is not among `tried`; undefined when there is none. Epoch milliseconds. */
  next(now: number, tried: readonly Instance[]): Instance | undefined
  readonly instances: readonly Instance[]
  /** Others from now on; those that stay keep what is known of them. */
  replace(urls: readonly string[]): void
  /** Called when there are others. */
  onReplace(listener: () => void): void
  /** What was found of one. `isDead`: it answers nothing any more, not even what it has begun. */
  found(instance: Instance, health: 'ready' | 'down', isDead?: boolean): void
}

export function createEndpoints(
  urls: readonly string[],
  breaker: SubgraphsFile['breaker'] = subgraphDefaults.breaker,
): Endpoints {
  let turn = 0
  let instances: readonly Instance[] = []
  let preferred: readonly Instance[] = []
  const listeners = new Set<() => void>()
  replace(urls)

  return {
    get instances() {
      return instances
    },
    inTurn() {
      const start = turn++ % preferred.length
      return [...preferred.slice(start), ...preferred.slice(0, start)].map(({ url }) => url)
    },
    next(now, tried) {
      const start = turn++
      for (let index = 0; index < preferred.length; index++) {
        const instance = preferred[(start + index) % preferred.length]
        if (instance && !tried.includes(instance) && instance.breaker.begin(now)) return instance
      }
      return undefined
    },
    replace(urls) {
      replace(urls)
      for (const listener of listeners) listener()
    },
    onReplace: (listener) => void listeners.add(listener),
    found(instance, health, isDead = false) {
      if (instance.health !== health) {
        instance.health = health
        prefer()
      }
      if (isDead && preferred.some((one) => one.health === 'ready'))
        for (const query of instance.queries) query.sendElsewhere()
    },
  }

  function replace(urls: readonly string[]): void {
    const known = new Map(instances.map((instance) => [instance.url, instance]))
    instances = [...new Set(urls)].map(
      (url) =>
        known.get(url) ?? { url, breaker: createBreaker(breaker), health: 'unknown', queries: new Set() },
    )
    prefer()
  }

  /** Health decides among instances. Where all are down the probe may be what is wrong: then all are asked. */
  function prefer(): void {
    const of = (health: Instance['health']) => instances.filter((instance) => instance.health === health)
    preferred = [of('ready'), of('unknown'), instances].find((some) => some.length > 0) ?? []
  }
}
