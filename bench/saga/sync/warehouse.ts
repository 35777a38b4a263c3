import { runService } from './service.ts'
import type { Allocating } from './steps.ts'

runService('warehouse', (steps) => ({
  '/allocate': async (body) => {
    await steps.allocate(body as Allocating)
    return {}
  },
}))
