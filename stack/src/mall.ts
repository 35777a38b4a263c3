import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateCode } from './codegen.ts'
import { startInfrastructure, type Infrastructure, type InfrastructureUrls } from './infrastructure.ts'
import { migrateAll } from './migrate.ts'
import { root, subgraphs, type SubgraphName } from './paths.ts'
import { choosePort } from './ports.ts'
import { databaseUrl } from './postgres.ts'
import { runProgram } from './process.ts'
import { createSupervisor, type Plan } from './supervisor.ts'

/** Where everything is. Written to `mall.json` in the data folder, so that others can find it. */
export interface MallState {
  routers: string[]
  /** Where each router serves its metrics. */
  metrics: string[]
  web: string | null
  /** The first instance of each, such as `http://127.0.0.1:4001`. */
  subgraphs: Record<SubgraphName, string>
  /** Servers that stand in for providers. */
  sandboxes: { alipay: string; sms: string }
  infrastructure: InfrastructureUrls
  databases: Record<SubgraphName, string>
  /** Process ids by name: `users`, `products`, `orders`, `router`, `web`, `alipay-sandbox`, `sms-sandbox`; a second instance is `products-2`. */
  pids: Record<string, number>
  /** Process ids of `postgres`, `redis` and `kafka`, those that we run ourselves. */
  serverPids: Record<string, number>
  dataDir: string
}

/** How to start the mall. */
export interface MallOptions {
  dataDir: string
  env: NodeJS.ProcessEnv
  /** Servers that run already. */
  given?: Partial<InfrastructureUrls>
  /** How many of each; one unless said. */
  instances?: Partial<Record<'products' | 'orders' | 'router', number>>
  web: 'built' | 'dev' | 'none'
  /** Added to every default port, so that two malls can run beside each other. */
  portOffset?: number
  onProgress(text: string): void
}

/** A running mall. */
export interface Mall {
  state(): MallState
  infrastructure: Infrastructure
  /** Where each process says whether it can take traffic. */
  readyUrls(): string[]
  /** Stops everything that was started, in reverse. */
  stop(): Promise<void>
}

const readyWithinMs = 90_000

/** Brings up the whole mall and waits until it is ready. When a part fails, what was started is stopped again. */
export async function startMall(options: MallOptions): Promise<Mall> {
  const { dataDir, env, onProgress } = options
  const offset = options.portOffset ?? 0
  const taken = new Set<number>()
  await generateCode(onProgress)
  await compose(dataDir)
  const ports = await choosePorts(options, offset, taken)
  let save = () => {}
  const infrastructure = await startInfrastructure({
    dataDir,
    env,
    taken,
    onProgress,
    given: options.given ?? {},
    mayUseDocker: offset === 0,
    onChange: () => save(),
    ports: { postgres: 5433 + offset, redis: 6380 + offset, kafka: 9094 + offset },
  })
  const supervisor = createSupervisor({ onProgress, onChange: () => save() })
  const databases = databasesOn(infrastructure.urls.postgres)
  const state = (): MallState => ({
    routers: ports.router.map((port) => `http://localhost:${port}`),
    metrics: ports.routerMetrics.map((port) => `http://127.0.0.1:${port}/metrics`),
    web: ports.web === null ? null : `http://localhost:${ports.web}`,
    subgraphs: {
      users: `http://127.0.0.1:${ports.users[0]}`,
      products: `http://127.0.0.1:${ports.products[0]}`,
      orders: `http://127.0.0.1:${ports.orders[0]}`,
    },
    sandboxes: {
      alipay: `http://127.0.0.1:${ports.alipaySandbox}`,
      sms: `http://127.0.0.1:${ports.smsSandbox}`,
    },
    infrastructure: infrastructure.urls,
    databases,
    pids: supervisor.pids(),
    serverPids: Object.fromEntries(
      Object.entries(infrastructure.servers).map(([name, server]) => [name, server.pid()]),
    ),
    dataDir,
  })
  save = () => writeFileSync(join(dataDir, 'mall.json'), JSON.stringify(state(), null, 2))
  const stop = async () => {
    await supervisor.stop()
    await infrastructure.stop()
  }
  try {
    await migrateAll(infrastructure.urls.postgres, onProgress)
    const plans = plansOf({ options, ports, urls: infrastructure.urls, databases })
    await seed(plans.subgraphs, dataDir)
    onProgress('demo data is in')
    const web = plans.web ? buildWeb(options, onProgress) : Promise.resolve()
    await supervisor.start([...plans.sandboxes, ...plans.subgraphs], readyWithinMs)
    await supervisor.start(plans.routers, readyWithinMs)
    await web
    if (plans.web) await supervisor.start([plans.web], readyWithinMs)
    save()
  } catch (error) {
    await stop()
    throw error
  }
  return { state, infrastructure, readyUrls: supervisor.readyUrls, stop }
}

interface Ports {
  users: number[]
  products: number[]
  orders: number[]
  router: number[]
  /** One for each router. */
  routerMetrics: number[]
  alipaySandbox: number
  smsSandbox: number
  web: number | null
}

async function choosePorts(
  { env, instances = {}, web }: MallOptions,
  offset: number,
  taken: Set<number>,
): Promise<Ports> {
  const several = async (name: string, first: number, count = 1) => {
    const ports: number[] = []
    for (let index = 0; index < count; index += 1)
      ports.push(
        await choosePort(
          `MALL_${name}_PORT`,
          first + offset + index * 100,
          index === 0 ? env[`MALL_${name}_PORT`] : '',
          taken,
        ),
      )
    return ports
  }
  return {
    web: web === 'none' ? null : ((await several('WEB', 3000))[0] ?? null),
    router: await several('ROUTER', 4000, instances.router),
    routerMetrics: await several('ROUTER_METRICS', 4010, instances.router),
    users: await several('USERS', 4001),
    products: await several('PRODUCTS', 4002, instances.products),
    orders: await several('ORDERS', 4003, instances.orders),
    alipaySandbox: (await several('ALIPAY_SANDBOX', 4101))[0] ?? 4101,
    smsSandbox: (await several('SMS_SANDBOX', 4103))[0] ?? 4103,
  }
}

function databasesOn(serverUrl: string): Record<SubgraphName, string> {
  const [users, products, orders] = subgraphs.map((name) => databaseUrl(serverUrl, name))
  return { users: users ?? '', products: products ?? '', orders: orders ?? '' }
}

async function compose(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true })
  await runProgram({
    name: 'Composing supergraph.yaml',
    command: process.execPath,
    args: [join(root, 'router', 'src', 'compose-main.ts')],
    cwd: root,
    logFile: join(dataDir, 'logs', 'compose.log'),
  })
}

async function seed(plans: readonly Plan[], dataDir: string): Promise<void> {
  await Promise.all(
    subgraphs.map((name) =>
      runProgram({
        name: `Demo data of ${name}`,
        command: process.execPath,
        args: [join(root, 'subgraphs', name, 'src', 'seed.ts')],
        env: plans.find((plan) => plan.name === name)?.env ?? {},
        cwd: root,
        logFile: join(dataDir, 'logs', `seed-${name}.log`),
      }),
    ),
  )
}

async function buildWeb({ web, dataDir }: MallOptions, onProgress: (text: string) => void): Promise<void> {
  if (web !== 'built') return
  await runProgram({
    name: 'Building the web app',
    command: 'npm',
    args: ['run', 'build', '-w', '@mall/web-shell', '--silent'],
    cwd: root,
    logFile: join(dataDir, 'logs', 'web-build.log'),
  })
  onProgress('the web app is built')
}

/** What each process is started with. */
function plansOf(input: {
  options: MallOptions
  ports: Ports
  urls: InfrastructureUrls
  databases: Record<SubgraphName, string>
}): { sandboxes: Plan[]; subgraphs: Plan[]; routers: Plan[]; web: Plan | null } {
  const { options, ports, urls, databases } = input
  const plan = (name: string, index: number, file: string, port: number, env: NodeJS.ProcessEnv): Plan => {
    const label = index === 0 ? name : `${name}-${index + 1}`
    return {
      name: label,
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', join(root, file)],
      cwd: root,
      env: { ...options.env, ...env, PORT: String(port) },
      logFile: join(options.dataDir, 'logs', `${label}.log`),
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    }
  }
  const common = { REDIS_URL: urls.redis, KAFKA_BROKERS: urls.kafka }
  const subgraphUrls = subgraphs
    .map((name) => `${name}=${ports[name].map((port) => `http://127.0.0.1:${port}/graphql`).join('|')}`)
    .join(',')
  // Who names a provider gets that one; else there is the sandbox.
  const sms = options.env['SMS_PROVIDER']
    ? {}
    : { SMS_PROVIDER: 'aliyun', SMS_GATEWAY_URL: `http://127.0.0.1:${ports.smsSandbox}` }
  return {
    sandboxes: [
      plan('alipay-sandbox', 0, 'sandbox/alipay/src/main.ts', ports.alipaySandbox, {}),
      plan('sms-sandbox', 0, 'sandbox/sms/src/main.ts', ports.smsSandbox, {}),
    ],
    subgraphs: subgraphs.flatMap((name) =>
      ports[name].map((port, index) =>
        plan(name, index, `subgraphs/${name}/src/main.ts`, port, {
          ...common,
          DATABASE_URL: databases[name],
          ...(name === 'orders' && { ...sms, ...alipayOf(options, ports) }),
        }),
      ),
    ),
    routers: ports.router.map((port, index) =>
      plan('router', index, 'router/src/main.ts', port, {
        REDIS_URL: urls.redis,
        SUBGRAPH_URLS: subgraphUrls,
        SUPERGRAPH: join(root, 'supergraph.graphql'),
        ROUTER_CONFIG: join(root, 'router.yaml'),
        METRICS_PORT: String(ports.routerMetrics[index]),
      }),
    ),
    web: ports.web === null ? null : webPlan(options, ports.web, ports.router[0] ?? 4000),
  }
}

/** Who has an app at Alipay gets that one; else there is the sandbox. Its notifies take the way of the real ones. */
function alipayOf({ env }: MallOptions, { alipaySandbox, router, web }: Ports): NodeJS.ProcessEnv {
  if (env['ALIPAY_APP_ID']) return {}
  return {
    ALIPAY_GATEWAY_URL: `http://127.0.0.1:${alipaySandbox}/gateway.do`,
    ALIPAY_NOTIFY_URL: `http://127.0.0.1:${router[0] ?? 4000}/payments/alipay/notify`,
    ALIPAY_RETURN_URL: `http://localhost:${web ?? 3000}/orders/{orderId}`,
  }
}

function webPlan(options: MallOptions, port: number, routerPort: number): Plan {
  return {
    name: 'web',
    command: 'npm',
    args: ['run', options.web === 'dev' ? 'dev' : 'preview', '-w', '@mall/web-shell', '--silent'],
    cwd: root,
    env: { ...options.env, WEB_PORT: String(port), ROUTER_URL: `http://127.0.0.1:${routerPort}` },
    logFile: join(options.dataDir, 'logs', 'web.log'),
    readyUrl: `http://localhost:${port}/`,
  }
}
