import { invalidInput } from './errors.ts'

/** Every account has this role; it carries no permission at the start (spec §1.4). */
export const DEFAULT_ROLE = 'user'

/** Whoever holds this can repair every other right: it must not be lost by all. */
export const KEY_PERMISSION = 'roles:write'

/** Such as `stock:write`: a noun and what may be done with it. */
const permissionPattern = /^[a-z]{1,32}:[a-z]{1,32}$/

/** More than this in one role is a mistake of the caller. */
const MAX_PERMISSIONS = 100

/** Who holds the key permission apart from what is being changed. */
export interface KeyHolders {
  /** Other roles with the key permission. */
  readonly otherRoles: number
  /** Users who have it now. */
  readonly usersNow: number
  /** Users who would have it after the change. */
  readonly usersAfter: number
}

/** Whether there could be such a role at all. */
export const isRoleName = (name: string): boolean => /^[a-z][a-z0-9-]{0,31}$/.test(name)

/** The permissions sorted and without repeats, or which of them is none. */
export function decidePermissions(permissions: readonly string[]) {
  const wrong = permissions.findIndex((name) => !permissionPattern.test(name))
  if (wrong >= 0) {
    return invalidInput(`permissions.${wrong}`, 'A permission is written as two words: "stock:write".')
  }
  if (permissions.length > MAX_PERMISSIONS) {
    return invalidInput('permissions', `A role has at most ${MAX_PERMISSIONS} permissions.`)
  }
  return [...new Set(permissions)].sort()
}

/** Why a change would lock everybody out of changing rights; null when it would not. */
export function decideLockout(field: string, holders: KeyHolders, keepsKeyRole: boolean) {
  const noRoleLeft = !keepsKeyRole && holders.otherRoles === 0
  const noUserLeft = holders.usersNow > 0 && holders.usersAfter === 0
  return noRoleLeft || noUserLeft
    ? invalidInput(
        field,
        `After this nobody could change rights any more: somebody must keep ${KEY_PERMISSION}.`,
      )
    : null
}
