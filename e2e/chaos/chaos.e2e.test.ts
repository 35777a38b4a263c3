import { expect, it } from 'vitest'
import { runChaos, usualRoughness } from './chaos.ts'
import { describeRounds } from './report.ts'

/** Three short storms on one mall; `npm run test:chaos` has the long ones. */
it('breaks no promise while processes and servers are killed, halted and ended', async () => {
  const reports = await runChaos({
    ...usualRoughness,
    seed: 101,
    rounds: 3,
    seconds: 20,
    patienceMs: 60_000,
    measuresGap: false,
    keepsData: Boolean(process.env.MALL_KEEP_DATA),
    onProgress: (text) => console.log(`· ${text}`),
  })
  console.log(describeRounds(reports))
  expect(reports.flatMap(({ violations }) => violations)).toEqual([])
  expect(reports).toHaveLength(3)
  expect(reports.reduce((sum, { compensations }) => sum + compensations, 0)).toBeGreaterThan(150)
})
