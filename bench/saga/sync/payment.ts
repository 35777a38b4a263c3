import { runService } from './service.ts'
import type { Paying } from './steps.ts'

runService('payment', (steps) => ({
  '/pay': async (body) => {
    await steps.pay(body as Paying)
    return {}
  },
}))
