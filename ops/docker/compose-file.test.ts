import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig as loadRouter } from '../../router/src/config.ts'
import { loadConfig as loadOrders } from '../../subgraphs/orders/src/config.ts'
import { loadConfig as loadProducts } from '../../subgraphs/products/src/config.ts'
import { loadConfig as loadUsers } from '../../subgraphs/users/src/config.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
})
const file = z.object({ services: z.record(z.string(), service) })
const { services } = file.parse(parse(read('docker-compose.yml'), { merge: true }))
const processes = {
  users: { load: loadUsers, config: 'subgraphs/users/src/config.ts' },
  products: { load: loadProducts, config: 'subgraphs/products/src/config.ts' },
  orders: { load: loadOrders, config: 'subgraphs/orders/src/config.ts' },
  router: { load: loadRouter, config: 'router/src/config.ts' },
}

describe('docker-compose.yml', () => {
  it.each(Object.entries(processes))('gives %s an environment that it accepts', (name, { load }) => {
    const environment = services[name]?.environment ?? {}
    const config = load({ ...environment, HOST: '0.0.0.0' })
    expect(config.listen).toEqual({ host: '0.0.0.0', port: Number(environment.PORT) })
  })

  it.each(Object.entries(processes))('gives %s only variables that it reads', (name, { config }) => {
    // The subgraphs share a part of their variables.
    const source = read(config) + (name === 'router' ? '' : read('packages/service/src/subgraph-config.ts'))
    const unread = Object.keys(services[name]?.environment ?? {}).filter((key) => !source.includes(`${key}:`))
    expect(unread).toEqual([])
  })

  it('starts files that exist', () => {
    const files = Object.values(services).flatMap(({ command = [] }) =>
      command.filter((word) => /^\w.*\.ts$/.test(word)),
    )
    expect(files.length).toBeGreaterThan(4)
    for (const path of files) expect(() => read(path)).not.toThrow()
  })

  it('waits only for services that are there, and for health only where it is checked', () => {
    for (const { depends_on } of Object.values(services))
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(services).toHaveProperty(name)
        if (condition === 'service_healthy') expect(services[name]?.healthcheck, name).toBeDefined()
      }
  })

  it('runs the Kafka and the Node that npm start runs', () => {
    const kafka = /<version>([\d.]+)<\/version>\s*<\/dependency>/.exec(read('stack/kafka/pom.xml'))?.[1]
    expect(services.kafka?.image).toBe(`apache/kafka:${kafka}`)
    expect(read('Dockerfile')).toContain(`FROM node:${read('.nvmrc').trim()}-`)
  })

  it('sets the broker as stack/src/kafka.ts does', () => {
    const local = [
      ...read('stack/src/kafka.ts').matchAll(/'((?:group|offsets|auto|transaction)\.[\w.]+)': (\w+)/g),
    ]
    expect(local.length).toBeGreaterThan(6)
    for (const [, name = '', value] of local)
      expect(services.kafka?.environment[`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`], name).toBe(
        value,
      )
  })
})
