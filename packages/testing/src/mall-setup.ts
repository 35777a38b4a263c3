import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearData, startMall } from '@mall/stack'

/**
 * Brings up the whole mall for the stories, two instances of products, orders and router each, on ports of its own and
 * with data of its own. With MALL_STATE set to the `mall.json` of a started mall, that one is used and left running.
 */
export default async function setup() {
  if (process.env.MALL_STATE) return
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-e2e-'))
  const mall = await startMall({
    dataDir,
    env: { ...process.env, LOG_LEVEL: 'info' },
    instances: { products: 2, orders: 2, router: 2 },
    web: 'built',
    portOffset: 20_000,
    onProgress: (text) => console.log(`· ${text}`),
  })
  process.env.MALL_STATE = join(dataDir, 'mall.json')
  return async () => {
    await mall.stop()
    if (process.env.MALL_KEEP_DATA) console.log(`The mall's data and logs are kept in ${dataDir}`)
    else clearData(dataDir)
  }
}
