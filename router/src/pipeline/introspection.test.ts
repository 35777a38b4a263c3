import type { Viewer } from '@mall/access'
import { expect, it } from 'vitest'
import { defaultIntrospection, introspectionSchema, mayIntrospect } from './introspection.ts'

const viewer = (roles: string[], scopes: string[]): Viewer => ({ id: 'ann', roles, scopes, sessionId: 's' })
const nobody = viewer([], [])
const some = introspectionSchema.parse({ roles: ['admin', 'developer'], scopes: ['schema:read'] })

it.each([
  ['everybody, always', 'always', null, true],
  ['nobody, never', 'never', viewer(['admin'], ['schema:read']), false],
  ['who has a role', some, viewer(['developer'], []), true],
  ['who has a scope', some, viewer(['shopper'], ['schema:read']), true],
  ['not who has others', some, viewer(['shopper', 'schema:read'], ['cart:write', 'admin']), false],
  ['not who has none', some, nobody, false],
  ['not who has not signed in', some, null, false],
  ['not anybody where nothing is named', introspectionSchema.parse({}), nobody, false],
] as const)('the schema is shown to %s', (_who, config, who, may) => {
  expect(mayIntrospect(config, who)).toBe(may)
})

it('in production only administrators see the schema, elsewhere everybody, unless it is configured', () => {
  const mayIn = (isProduction: boolean) =>
    [null, nobody, viewer(['admin'], [])].map((who) => mayIntrospect(defaultIntrospection(isProduction), who))
  expect(mayIn(true)).toEqual([false, false, true])
  expect(mayIn(false)).toEqual([true, true, true])
})

it('a configuration that means nothing is refused', () => {
  for (const config of ['sometimes', { role: ['admin'] }, { roles: 'admin' }])
    expect(introspectionSchema.safeParse(config).success).toBe(false)
})
