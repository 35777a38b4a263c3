import { isIPv6 } from 'node:net'
import { createLru, type Lru } from '@mall/service/lru'
import type { Logger } from '@mall/service/logger'
import type { RateLimits } from './config.ts'
import { createMemoryStore, type Store } from './store.ts'

/** Who asks. */
export interface Asker {
  readonly viewer: { readonly id: string } | null
  readonly address: string
}

/** Milliseconds to wait before asking again; undefined: go ahead. */
type Wait = number | undefined

export interface RateLimiter {
  /**
   * Counts an operation of a cost for its user and address. A promise only where this router must ask Redis for more.
   * Cost 0 asks whether there is anything left, and counts nothing.
   */
  take(asker: Asker, kind: 'queries' | 'mutations', cost: number): Wait | Promise<Wait>
}

/** Units that this router may give out by itself, taken from the common count beforehand. */
interface Lease {
  left: number
  /** What it has given out since it was made; it is as much again that is taken beforehand. */
  used: number
  until: number
  refusedUntil: number
}

/** Those of all users, or of all addresses, for one kind of operation. Looked up by what need not be put together first. */
interface Leases {
  /** Of their keys in the store. */
  readonly prefix: string
  readonly of: Lru<string, Lease>
}

const createLeases = (kind: 'queries' | 'mutations') => ({
  user: { prefix: `rate:${kind}:user:`, of: createLru<string, Lease>(MAX_LEASES) },
  address: { prefix: `rate:${kind}:address:`, of: createLru<string, Lease>(MAX_LEASES) },
})

const MAX_LEASES = 50_000
const MAX_NETWORKS = 10_000
/** A lease takes no more of a limit than this part, which is what may be refused too early. */
const LARGEST_PART = 1 / 20
/** How long a store that failed is left alone. Milliseconds. */
const STORE_PAUSE_MS = 1_000

/**
 * Limits what users and addresses may ask, over all routers. Each router takes units from the store in growing blocks and
 * gives them out by itself: no more than the limit is ever given, and most operations wait for nobody. Without a store,
 * or while it fails, this router counts for itself.
 */
export function createRateLimiter(options: {
  readonly limits: RateLimits
  readonly store: Store | null
  readonly logger: Logger
}): RateLimiter {
  const { limits, store, logger } = options
  const { window } = limits
  const leases = { queries: createLeases('queries'), mutations: createLeases('mutations') }
  const networks = createLru<string, string>(MAX_NETWORKS)
  const insurance = createMemoryStore()
  let pausedUntil = 0
  let isDown = false

  return {
    take({ viewer, address }, kind, cost) {
      const budget = limits[kind]
      const units = Math.ceil(cost)
      const ofUser = viewer ? takeOf(leases[kind].user, viewer.id, units, budget.user) : undefined
      if (typeof ofUser === 'number') return ofUser
      const network = knownNetworkOf(address)
      const ofAddress = takeOf(leases[kind].address, network, units, budget.address)
      if (ofUser === undefined || typeof ofAddress === 'number') return ofAddress
      return Promise.all([ofUser, ofAddress]).then(([one, other]) => one ?? other)
    },
  }

  /** Reading an address takes longer than counting. */
  function knownNetworkOf(address: string): string {
    const known = networks.get(address)
    if (known !== undefined) return known
    const network = networkOf(address)
    networks.set(address, network)
    return network
  }

  function takeOf({ prefix, of }: Leases, who: string, units: number, limit: number): Wait | Promise<Wait> {
    const now = Date.now()
    const lease = of.get(who)
    if (lease && lease.refusedUntil > now) return lease.refusedUntil - now
    if (units === 0) return undefined
    if (!lease || lease.until <= now || lease.left < units) return renew({ prefix, of }, who, units, limit)
    lease.left -= units
    lease.used += units
    return undefined
  }

  async function renew({ prefix, of }: Leases, who: string, need: number, limit: number): Promise<Wait> {
    const block = Math.min(of.get(who)?.used ?? 0, Math.ceil(limit * LARGEST_PART))
    // What is not used in the window that it was taken in is lost: in the next it would come on top of the limit.
    const until = Math.floor(Date.now() / window) * window + window
    const { granted, retryAfter } = await ask({
      key: prefix + who,
      need,
      want: Math.max(need, block),
      limit,
      window,
    })
    const now = Date.now()
    const known = of.get(who)
    const lease = known && known.until > now ? known : { left: 0, used: 0, until: 0, refusedUntil: 0 }
    if (granted > 0) {
      if (until > now) lease.left += granted - need
      lease.used += need
      lease.until = Math.max(lease.until, until)
      // What is never granted is refused by itself, and does not keep out what is cheaper.
    } else if (need <= limit) lease.refusedUntil = now + retryAfter
    of.set(who, lease)
    return granted > 0 ? undefined : retryAfter
  }

  async function ask(want: Parameters<Store['take']>[0]) {
    if (!store || pausedUntil > Date.now()) return insurance.take(want)
    try {
      const grant = await store.take(want)
      isDown = false
      return grant
    } catch (error) {
      if (!isDown) logger.warn({ error }, 'rates cannot be counted in Redis; this router counts for itself')
      isDown = true
      pausedUntil = Date.now() + STORE_PAUSE_MS
      return insurance.take(want)
    }
  }
}

/** An IPv6 client has a whole /64 to itself. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped || !isIPv6(address)) return mapped ?? address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const before = head.split(':').filter(Boolean)
  const after = (tail ?? '').split(':').filter(Boolean)
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after].slice(0, 4)
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
