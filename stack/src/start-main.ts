/** `npm start`: the whole mall on this machine. `npm run dev` is the same with the web app's development server. */
import { startMall } from './mall.ts'
import { defaultDataDir } from './paths.ts'
import { stopAllPrograms } from './process.ts'
import { report } from './report.ts'

const begun = Date.now()
const onProgress = (text: string) =>
  console.log(`· ${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${text}`)

let stop = stopAllPrograms
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.log('\n· stopping')
    void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 0))
  })

await report(async () => {
  const { POSTGRES_URL, REDIS_URL, KAFKA_BROKERS } = process.env
  const mall = await startMall({
    dataDir: process.env.MALL_DATA_DIR ?? defaultDataDir,
    env: process.env,
    given: {
      ...(POSTGRES_URL ? { postgres: POSTGRES_URL } : {}),
      ...(REDIS_URL ? { redis: REDIS_URL } : {}),
      ...(KAFKA_BROKERS ? { kafka: KAFKA_BROKERS } : {}),
    },
    web: process.argv.includes('--dev') ? 'dev' : 'built',
    onProgress,
  })
  const { web, routers, metrics, sandboxes, dataDir } = mall.state()
  const router = routers[0] ?? ''
  console.log(`
  Mall is open after ${((Date.now() - begun) / 1000).toFixed(0)} s

  shop         ${web}
  playground   ${router}/graphql
  messages     ${sandboxes.sms}
  metrics      ${metrics[0] ?? ''}
  logs         ${dataDir}/logs

  accounts     shopper@mall.test   staff@mall.test   admin@mall.test     password  mall-demo-2026

  a first query
    curl -s ${router}/graphql -H 'content-type: application/json' \\
      -d '{"query":"{ products(first: 3) { nodes { name priceFrom { amount currency } skus { id stock { available } } } } }"}'
  a first order
    MALL_URL=${router} node_modules/.bin/node examples/place-order.ts sku-mistfall-thermos-white

  Ctrl-C stops everything; the data stays. npm run reset clears it.
`)
  stop = () => mall.stop()
  // Its processes keep this one alive until a signal ends them all.
})
if (process.exitCode) process.exit()
