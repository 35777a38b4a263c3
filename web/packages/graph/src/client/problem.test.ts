import { describe, expect, it } from 'vitest'
import { problemOf } from './problem.ts'

describe('problemOf', () => {
  it('reads the code of a GraphQL error', () => {
    expect(problemOf({ graphQLErrors: [{ extensions: { code: 'FORBIDDEN' } }] })).toBe('forbidden')
    expect(problemOf({ graphQLErrors: [{ extensions: { code: 'SOMETHING_NEW' } }] })).toBe('fault')
  })

  it('reads the code in the body of a refused request', () => {
    const body = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }
    expect(problemOf({ networkError: { statusCode: 401, result: body } })).toBe('unauthenticated')
  })

  it('tells a server that is gone from one that is busy', () => {
    expect(problemOf({ networkError: new TypeError('Failed to fetch') })).toBe('unreachable')
    expect(problemOf({ networkError: { statusCode: 502 } })).toBe('unreachable')
    expect(problemOf({ networkError: { statusCode: 503 } })).toBe('busy')
  })
})
