import { expect, it } from 'vitest'
import { BOUNDS, createDurations } from './durations.ts'

const create = () => createDurations({ name: 'took_seconds', help: 'How long.', outcomes: ['ok', 'bad'] })

it('are told as a cumulative histogram in seconds, of what happened only', () => {
  const durations = create()
  const observe = durations.of({ what: 'a' })
  for (const milliseconds of [0.5, 1, 1.1, 40, 60_000]) observe('ok', milliseconds)
  const lines = durations.text().trim().split('\n')
  expect(lines.slice(0, 2)).toEqual(['# HELP took_seconds How long.', '# TYPE took_seconds histogram'])
  expect(lines.slice(2, 5)).toEqual([
    'took_seconds_bucket{what="a",outcome="ok",le="0.001"} 2',
    'took_seconds_bucket{what="a",outcome="ok",le="0.0025"} 3',
    'took_seconds_bucket{what="a",outcome="ok",le="0.005"} 3',
  ])
  expect(lines.slice(-4)).toEqual([
    'took_seconds_bucket{what="a",outcome="ok",le="30"} 4',
    'took_seconds_bucket{what="a",outcome="ok",le="+Inf"} 5',
    'took_seconds_sum{what="a",outcome="ok"} 60.0426',
    'took_seconds_count{what="a",outcome="ok"} 5',
  ])
  expect(lines).toHaveLength(2 + BOUNDS.length + 3)
  expect(durations.text()).not.toContain('bad')
})

it('are written so that no label ends the line or its quotes', () => {
  const durations = create()
  durations.of({ what: 'a"b\\c\nd' })('bad', 1)
  expect(durations.text()).toContain('took_seconds_count{what="a\\"b\\\\c\\nd",outcome="bad"} 1')
})
