import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Infrastructure } from './infrastructure.ts'
import { root } from './paths.ts'
import { runProgram } from './process.ts'

const services = ['postgres', 'redis', 'kafka']

/** True when a Docker engine answers and has Compose. */
export function dockerAnswers(): boolean {
  const succeeds = (...args: string[]) =>
    spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0
  return succeeds('info') && succeeds('compose', 'version')
}

/** Brings up PostgreSQL, Redis and Kafka by docker-compose.yml, on the ports that it publishes. */
export async function startInDocker(options: {
  dataDir: string
  onProgress(text: string): void
}): Promise<Infrastructure> {
  const compose = (name: string, ...args: string[]) =>
    runProgram({
      name,
      command: 'docker',
      args: ['compose', '-f', join(root, 'docker-compose.yml'), ...args],
      cwd: root,
      logFile: join(options.dataDir, 'logs', 'docker.log'),
    })
  options.onProgress('starting PostgreSQL, Redis and Kafka in Docker')
  await compose('docker compose up', 'up', '--detach', '--wait', ...services)
  return {
    urls: {
      postgres: 'postgres://mall:mall@127.0.0.1:5433',
      redis: 'redis://127.0.0.1:6380',
      kafka: '127.0.0.1:9094',
    },
    servers: {},
    stop: () => compose('docker compose stop', 'stop', ...services),
  }
}
