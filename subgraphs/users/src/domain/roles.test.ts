import { describe, expect, it } from 'vitest'
import { decideLockout, decidePermissions } from './roles.ts'

describe('the permissions of a role', () => {
  it('are sorted and have no repeats', () => {
    expect(decidePermissions(['stock:write', 'orders:read', 'stock:write'])).toEqual([
      'orders:read',
      'stock:write',
    ])
  })

  it.each(['', 'stock', 'stock:', 'Stock:write', 'stock:write:all', '*', 'stock write'])(
    'cannot contain %j',
    (permission) => {
      expect(decidePermissions(['orders:read', permission])).toMatchObject({
        __typename: 'InvalidInputError',
        field: 'permissions.1',
      })
    },
  )
})

describe('the way back to changing rights', () => {
  const holders = { otherRoles: 1, usersNow: 2, usersAfter: 1 }

  it('stays open while a role and a user keep it', () => {
    expect(decideLockout('permissions', holders, false)).toBeNull()
    expect(decideLockout('permissions', { otherRoles: 0, usersNow: 2, usersAfter: 2 }, true)).toBeNull()
  })

  it('is not closed by taking it from the last role', () => {
    expect(decideLockout('permissions', { ...holders, otherRoles: 0 }, false)).toMatchObject({
      __typename: 'InvalidInputError',
      field: 'permissions',
    })
  })

  it('is not closed by taking it from the last user', () => {
    expect(decideLockout('roles', { ...holders, usersAfter: 0 }, true)).toMatchObject({ field: 'roles' })
  })

  it('may be changed freely while nobody has it yet', () => {
    expect(decideLockout('roles', { otherRoles: 1, usersNow: 0, usersAfter: 0 }, true)).toBeNull()
  })
})
