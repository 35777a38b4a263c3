/** What a peer's process is told on its command line, and says of itself when asked. */
export interface PeerOptions {
  readonly supergraphSdl: string
  readonly jwksUrl: string
  /** Where rates are shared. */
  readonly redisUrl?: string | null
  /** Where traces are sent. */
  readonly collectorUrl?: string
}

export interface PeerUsage {
  /** CPU that the process has used, in microseconds. */
  readonly cpu: number
  /** Resident memory in bytes. */
  readonly rss: number
  /** What is alive in it in bytes; after a collection when `memory` was asked for. */
  readonly alive: number
}

/** Runs in a peer's process: reads its options, tells its URL, and its usage when asked for `usage` or `memory`. */
export async function servePeer(start: (options: PeerOptions) => Promise<string>): Promise<void> {
  const url = await start(JSON.parse(process.argv[2] ?? '{}') as PeerOptions)
  process.on('message', (asked) => {
    if (asked !== 'usage' && asked !== 'memory') return
    // There when the process was started with --expose-gc.
    if (asked === 'memory') globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed, external } = process.memoryUsage()
    const usage: PeerUsage = { cpu: user + system, rss, alive: heapUsed + external }
    process.send?.(usage)
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
