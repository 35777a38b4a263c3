import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'

describe('a log line', () => {
  it('shows no secret, however deep it lies', () => {
    const lines: string[] = []
    const logger = createLogger({ name: 'test' }, { write: (line) => void lines.push(line) })
    const headers = { authorization: 'hunter2', cookie: 'hunter2', 'x-internal-identity': 'hunter2' }
    logger.info({
      password: 'hunter2',
      input: { password: 'hunter2', refreshToken: 'hunter2' },
      request: { headers },
    })
    expect(lines[0]).not.toContain('hunter2')
    expect(lines[0]).toContain('[secret]')
  })

  it('tells an error with its cause', () => {
    const lines: string[] = []
    const logger = createLogger({ name: 'test' }, { write: (line) => void lines.push(line) })
    logger.error({ error: new Error('outside', { cause: new Error('inside') }) }, 'it failed')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ name: 'test', msg: 'it failed' })
    expect(lines[0]).toContain('inside')
  })
})
