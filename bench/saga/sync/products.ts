import { runService } from './service.ts'
import type { Reserving } from './steps.ts'

runService('products', (steps) => ({
  '/reserve': async (body) => {
    await steps.reserve(body as Reserving)
    return {}
  },
  '/sell': async (body) => {
    await steps.sell(body as Reserving)
    return {}
  },
}))
