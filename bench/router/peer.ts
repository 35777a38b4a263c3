/** What a peer's process is told on its command line, and says of itself when asked. */
export interface PeerOptions {
  readonly supergraphSdl: string
  readonly jwksUrl: string
}

export interface PeerUsage {
  /** CPU that the process has used, in microseconds. */
  readonly cpu: number
  /** Resident memory in bytes. */
  readonly rss: number
}

/** Runs in a peer's process: reads its options, tells its URL, and its usage whenever asked. */
export async function servePeer(start: (options: PeerOptions) => Promise<string>): Promise<void> {
  const url = await start(JSON.parse(process.argv[2] ?? '{}') as PeerOptions)
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const usage: PeerUsage = { cpu: user + system, rss: process.memoryUsage().rss }
    process.send?.(usage)
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
