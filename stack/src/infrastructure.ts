import { rmSync } from 'node:fs'
import { dockerAnswers, startInDocker } from './docker.ts'
import { startKafka } from './kafka.ts'
import type { KeptServer, Service } from './kept-server.ts'
import { choosePort } from './ports.ts'
import { startPostgres } from './postgres.ts'
import { canHaveTools, ensureTools } from './prepare.ts'
import { startRedis } from './redis.ts'

/** Where PostgreSQL (server, no database), Redis and Kafka are. */
export interface InfrastructureUrls {
  postgres: string
  redis: string
  kafka: string
}

/** Running infrastructure. `stop` stops what we started, nothing that was given to us. */
export interface Infrastructure extends Service {
  urls: InfrastructureUrls
  /** Those that we run ourselves; one that ends is started again. */
  servers: Partial<Record<keyof InfrastructureUrls, KeptServer>>
}

/** How to start it. `given` are servers that run already; the ports are the first to try. */
export interface InfrastructureOptions {
  dataDir: string
  given: Partial<InfrastructureUrls>
  ports: { postgres: number; redis: number; kafka: number }
  env: NodeJS.ProcessEnv
  /** Where local programs are missing and may not be installed; its ports and data are those of the started mall. */
  mayUseDocker?: boolean
  taken: Set<number>
  onProgress(text: string): void
  /** Called when a server runs as another process. */
  onChange?(): void
}

/** Brings up what is not given, side by side. When one part fails, the others are stopped again. */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const { dataDir, given, ports, env, taken, onProgress } = options
  const tools = [
    ...(given.redis ? [] : (['redis'] as const)),
    ...(given.kafka ? [] : (['java', 'maven'] as const)),
  ]
  if (options.mayUseDocker && Object.keys(given).length === 0 && !canHaveTools(tools) && dockerAnswers())
    return startInDocker(options)
  ensureTools(tools, onProgress)
  const postgresPort = given.postgres
    ? 0
    : await choosePort('MALL_POSTGRES_PORT', ports.postgres, env.MALL_POSTGRES_PORT, taken)
  const redisPort = given.redis
    ? 0
    : await choosePort('MALL_REDIS_PORT', ports.redis, env.MALL_REDIS_PORT, taken)
  const kafkaPort = given.kafka
    ? 0
    : await choosePort('MALL_KAFKA_PORT', ports.kafka, env.MALL_KAFKA_PORT, taken)
  const controllerPort = given.kafka
    ? 0
    : await choosePort('Kafka controller', ports.kafka + 1, undefined, taken)

  const servers: Infrastructure['servers'] = {}
  const begin = async <T extends KeptServer>(
    part: keyof InfrastructureUrls,
    starting: Promise<T>,
  ): Promise<T> => {
    const server = await starting
    servers[part] = server
    onProgress(`${titles[part]} is up`)
    return server
  }
  const stop = async () => void (await Promise.all(Object.values(servers).map((server) => server.stop())))
  const events = { onProgress, onChange: () => options.onChange?.() }
  const parts = await Promise.allSettled([
    given.postgres ??
      begin('postgres', startPostgres({ ...events, dataDir, port: postgresPort })).then(({ url }) => url),
    given.redis ?? begin('redis', startRedis({ ...events, dataDir, port: redisPort })).then(({ url }) => url),
    given.kafka ??
      begin('kafka', startKafka({ ...events, dataDir, port: kafkaPort, controllerPort })).then(
        ({ brokers }) => brokers,
      ),
  ])
  const failed = parts.find((part) => part.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  const [postgres, redis, kafka] = parts.map((part) => (part.status === 'fulfilled' ? part.value : ''))
  return { urls: { postgres: postgres ?? '', redis: redis ?? '', kafka: kafka ?? '' }, servers, stop }
}

const titles = { postgres: 'PostgreSQL', redis: 'Redis', kafka: 'Kafka' }

/** Removes all data of a stopped mall. */
export const clearData = (dataDir: string) => rmSync(dataDir, { recursive: true, force: true })
