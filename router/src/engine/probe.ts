import type { Logger } from '@mall/service/logger'
import { Agent, request } from 'undici'
import type { SubgraphsFile } from './config.ts'
import type { Endpoints, Instance } from './endpoints.ts'

export interface ProbeOptions {
  readonly name: string
  readonly endpoints: Endpoints
  readonly settings: Exclude<SubgraphsFile['probe'], false>
  /** Headers of a query, signed over its body. */
  readonly sign: (body: string) => Record<string, string>
  readonly logger: Logger
}

/** Probes without an answer in a row after which an instance is dead. One that refuses the connection is at once. */
const SILENT_PROBES = 2
const TYPENAME = '{"query":"{ __typename }"}'

type Finding = 'ready' | 'unready' | 'refused' | 'silent'

/**
 * Asks the instances of a subgraph how they are, while there are several. An instance that says it is not ready gets no
 * new requests and finishes what it has; one that does not answer loses its queries to the others.
 */
export function startProbing({ name, endpoints, settings, sign, logger }: ProbeOptions): { stop(): void } {
  const agent = new Agent({ connect: { timeout: settings.timeout } })
  const silent = new WeakMap<Instance, number>()
  const underWay = new Set<Instance>()
  /** Instances that have no such path are asked a query from then on. */
  const withoutPath = new WeakSet<Instance>()
  const timer = setInterval(probeAll, settings.interval).unref()
  endpoints.onReplace(probeAll)
  probeAll()
  return {
    stop() {
      clearInterval(timer)
      void agent.destroy()
    },
  }

  function probeAll(): void {
    if (endpoints.instances.length > 1) for (const instance of endpoints.instances) void probe(instance)
  }

  async function probe(instance: Instance): Promise<void> {
    if (underWay.has(instance)) return
    underWay.add(instance)
    const finding = await ask(instance)
    underWay.delete(instance)
    const misses = finding === 'silent' ? (silent.get(instance) ?? 0) + 1 : 0
    silent.set(instance, misses)
    if (finding === 'silent' && misses < SILENT_PROBES) return
    const health = finding === 'ready' ? 'ready' : 'down'
    if (health !== instance.health)
      logger.info({ subgraph: name, instance: instance.url, finding }, `an instance is ${health}`)
    endpoints.found(instance, health, finding === 'refused' || finding === 'silent')
  }

  async function ask(instance: Instance): Promise<Finding> {
    try {
      if (!withoutPath.has(instance)) {
        const status = await send(new URL(settings.path, instance.url), {})
        if (status !== 404) return status === 200 ? 'ready' : 'unready'
        withoutPath.add(instance)
      }
      const query = { method: 'POST', headers: sign(TYPENAME), body: TYPENAME } as const
      return (await send(new URL(instance.url), query)) < 500 ? 'ready' : 'unready'
    } catch (error) {
      return isRefusal(error) ? 'refused' : 'silent'
    }
  }

  async function send(url: URL, options: Parameters<typeof request>[1]): Promise<number> {
    const { statusCode, body } = await request(url, {
      ...options,
      dispatcher: agent,
      // A connection of its own each time: whether new ones are accepted is a part of the question.
      reset: true,
      signal: AbortSignal.timeout(settings.timeout),
    })
    await body.dump()
    return statusCode
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}
