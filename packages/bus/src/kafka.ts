import './kafkajs-on-node-24.ts'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Logger } from '@mall/service/logger'
import { Kafka, logLevel, type ISocketFactory, type LogEntry } from 'kafkajs'

/** kafkajs as the mall uses it. Connects nowhere yet; what does so tries for about a minute. */
export function connectKafka({
  brokers,
  clientId,
  logger,
}: {
  brokers: readonly string[]
  clientId: string
  logger: Logger
}): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    socketFactory: connectWithoutDelay,
    logCreator: () => (entry) => forward(entry, logger),
    logLevel: logLevel.WARN,
    retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 1_000 },
  })
}

// kafkajs leaves Nagle's algorithm on, which holds a small request back while another is unacknowledged.
const connectWithoutDelay: ISocketFactory = ({ host, port, ssl, onConnect }) =>
  (ssl
    ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect)
  )
    .setNoDelay(true)
    .setKeepAlive(true, 60_000)

function forward({ level, namespace, log: { message, error } }: LogEntry, logger: Logger): void {
  if (level === logLevel.ERROR) logger.warn({ namespace, reason: String(error ?? '') }, message)
  else logger.debug({ namespace }, message)
}
