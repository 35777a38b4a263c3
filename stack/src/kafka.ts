import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { keepServer, type KeptServer } from './kept-server.ts'
import { cacheDir, root } from './paths.ts'
import { runProgram } from './process.ts'

/** Starts a local Kafka, one broker that is its own controller, fetching it from Maven Central the first time. */
export async function startKafka(options: {
  dataDir: string
  port: number
  controllerPort: number
  onProgress(text: string): void
  onChange?(): void
}): Promise<KeptServer & { brokers: string }> {
  const libs = await fetchKafka(options.onProgress)
  const logFile = join(options.dataDir, 'logs', 'kafka.log')
  const dir = join(options.dataDir, 'kafka')
  mkdirSync(dir, { recursive: true })
  const properties = join(options.dataDir, 'kafka.properties')
  writeFileSync(properties, propertiesOf({ ...options, dir }))
  const java = ['-cp', join(libs, '*'), `-Dlog4j2.level=WARN`]
  if (!existsSync(join(dir, 'meta.properties')))
    await runProgram({
      name: 'Formatting the Kafka log',
      command: 'java',
      args: [
        ...java,
        'kafka.tools.StorageTool',
        'format',
        '--standalone',
        '-t',
        clusterId(),
        '-c',
        properties,
      ],
      logFile,
    })
  const server = await keepServer({
    ...options,
    name: 'Kafka',
    command: 'java',
    args: ['-Xmx512m', '-Xms256m', ...java, 'kafka.Kafka', properties],
    logFile,
    answers: () => listens(options.port),
    withinMs: 40_000,
  })
  return { ...server, brokers: `127.0.0.1:${options.port}` }
}

async function fetchKafka(onProgress: (text: string) => void): Promise<string> {
  const libs = join(cacheDir, 'kafka-4.1.1')
  if (existsSync(libs) && readdirSync(libs).some((file) => file.startsWith('kafka_2.13'))) return libs
  onProgress('fetching Kafka from Maven Central (43 MB)')
  await runProgram({
    name: 'Fetching Kafka by Maven',
    command: 'mvn',
    args: [
      '-q',
      '-B',
      '-f',
      join(root, 'stack', 'kafka', 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${libs}`,
    ],
    logFile: join(cacheDir, 'kafka-fetch.log'),
  })
  return libs
}

function propertiesOf({
  port,
  controllerPort,
  dir,
}: {
  port: number
  controllerPort: number
  dir: string
}): string {
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dir,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    // The next three take waits out of every join and commit; see docs/decisions/0003.
    'group.initial.rebalance.delay.ms': 0,
    'group.coordinator.append.linger.ms': 0,
    'group.min.session.timeout.ms': 1000,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Kafka wants 16 bytes in URL-safe base64 that do not begin with a dash. */
const clusterId = () => `M${randomBytes(16).toString('base64url').slice(1)}`

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
