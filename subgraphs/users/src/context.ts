import type { Viewer } from '@mall/access'
import type { Accounts } from './accounts.ts'
import type { Loaders } from './data/loaders.ts'
import type { RightsRepository } from './data/rights-repository.ts'
import type { UserRepository } from './data/user-repository.ts'
import type { Rights } from './rights.ts'

/** What every resolver gets: who asks, and what this process offers. Loaders are fresh per request. */
export interface Context {
  readonly viewer: Viewer | null
  readonly accounts: Accounts
  readonly rights: Rights
  readonly users: UserRepository
  readonly roles: Pick<RightsRepository, 'findRoles'>
  readonly loaders: Loaders
  /** Ids of users whose session this very answer creates: they count as the viewer ("self"). */
  readonly signedInNow: Set<string>
}
