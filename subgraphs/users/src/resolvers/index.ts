import { scalars } from '@mall/service/scalars'
import { Mutation } from './Mutation.ts'
import { Query } from './Query.ts'
import { Session } from './Session.ts'
import { User } from './User.ts'
import { UserConnection } from './UserConnection.ts'

/** A union's member says itself by `__typename` what it is; a user has come without, straight from its table. */
const result = {
  __resolveType: (value: object) => ('__typename' in value ? String(value.__typename) : 'User'),
}

/** All resolvers of the users subgraph. */
export const resolvers = {
  ...scalars,
  Query,
  Mutation,
  Session,
  User,
  UserConnection,
  UserError: result,
  RegisterResult: result,
  LogInResult: result,
  RefreshResult: result,
  SetRolePermissionsResult: result,
  SetUserRolesResult: result,
}
