import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { Logger } from '@mall/service/logger'
import { parse } from 'yaml'
import { z } from 'zod'
import { watchFiles } from '../watch-files.ts'
import type { InstancesSource } from './config.ts'

const listSchema = z.array(z.url({ protocol: /^https?$/ })).min(1)

export interface DiscoveryOptions {
  readonly name: string
  readonly source: Exclude<InstancesSource, readonly string[]>
  /** Called with all instances, when they are first found and whenever they are others. */
  readonly onFound: (urls: readonly string[]) => void
  readonly logger: Logger
}

/**
 * Finds the instances of a subgraph and goes on looking. Resolves after the first look, which may have failed: a file that
 * cannot be read, or a name that does not resolve, is logged, and what was found before stays.
 */
export async function startDiscovery(options: DiscoveryOptions): Promise<{ stop(): void }> {
  const { name, source, onFound, logger } = options
  const find = createFind(source)
  let known = ''
  let isStopped = false
  await look()
  if ('file' in source) {
    const stopWatching = watchFiles([source.file], () => void look())
    return { stop: () => stop(stopWatching) }
  }
  const timer = setInterval(() => void look(), source.interval).unref()
  return { stop: () => stop(() => clearInterval(timer)) }

  function stop(stopLooking: () => void): void {
    isStopped = true
    stopLooking()
  }

  async function look(): Promise<void> {
    try {
      const urls = listSchema.parse(await find()).toSorted()
      if (isStopped || urls.join(' ') === known) return
      known = urls.join(' ')
      logger.info({ subgraph: name, instances: urls }, 'instances were found')
      onFound(urls)
    } catch (error) {
      logger.warn({ subgraph: name, error, source }, 'instances could not be looked up')
    }
  }
}

function createFind(source: DiscoveryOptions['source']): () => Promise<unknown> {
  if ('file' in source) return async () => parse(await readFile(source.file, 'utf8')) as unknown
  const resolver = new Resolver({ timeout: 1_000, tries: 2 })
  if (source.servers) resolver.setServers(source.servers)
  if ('srv' in source)
    return async () =>
      (await resolver.resolveSrv(source.srv)).map(({ name, port }) => withHost(source.url, `${name}:${port}`))
  const { hostname } = new URL(source.dns)
  return async () => {
    const addresses = source.servers
      ? await resolver.resolve4(hostname)
      : (await lookup(hostname, { all: true })).map(({ address }) => address)
    return addresses.map((address) => withHost(source.dns, address.includes(':') ? `[${address}]` : address))
  }
}

/** The URL at another host; its port stays unless `host` has one. */
const withHost = (url: string, host: string): string => Object.assign(new URL(url), { host }).href
