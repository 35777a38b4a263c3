import { randomUUID } from 'node:crypto'
import { createLogger } from '@mall/service/logger'
import { createRightsReader } from '@mall/service/rights'
import { testRedisUrl } from '@mall/testing'
import { Redis } from 'ioredis'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_PASSWORD } from './seed.ts'
import { createAsk, signIn } from './testing/ask.ts'
import { startTestUsers } from './testing/start-test-users.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const redisUrl = testRedisUrl()
const announced: string[] = []
const closers: (() => Promise<unknown>)[] = []
const instances: string[] = []
let ask: ReturnType<typeof createAsk>
let reader: ReturnType<typeof createRightsReader>

beforeAll(async () => {
  const running = await startTestUsers({
    instances: 2,
    env: { LOGIN_MAX_ATTEMPTS: '3' },
    announce: (subject, id) => void announced.push(`${subject} ${id}`),
  })
  closers.push(() => running.close())
  instances.push(...running.urls)
  ask = createAsk(instances[0] ?? '')
  reader = createRightsReader({ redisUrl, logger })
  closers.push(() => reader.close())
  await reader.ready
})
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
})

describe('an account', () => {
  it('is made once, with its owner signed in and seen as such in the very answer', async () => {
    const email = `${randomUUID()}@mall.test`
    const first = await register({ email: email.toUpperCase() })
    expect(first).toMatchObject({ __typename: 'Session', user: { email, roles: [{ name: 'user' }] } })
    expect(await register({ email })).toMatchObject({ __typename: 'LoginTakenError' })
  })

  it('is made once also when it is asked for ten times at once', async () => {
    const phone = `+86138${String(Date.now()).slice(-8)}`
    const results = await Promise.all(Array.from({ length: 10 }, () => register({ phone })))
    expect(results.filter(({ __typename }) => __typename === 'Session')).toHaveLength(1)
    expect(results.filter(({ __typename }) => __typename === 'LoginTakenError')).toHaveLength(9)
  })

  it('is refused with the field at fault', async () => {
    expect(await register({ email: 'nonsense' })).toMatchObject({ field: 'email' })
    expect(await register({ email: 'a@mall.test', password: 'short' })).toMatchObject({ minLength: 10 })
  })
})

describe('signing in', () => {
  it('takes e-mail in any case and says nothing about which part is wrong', async () => {
    expect(await logIn('Shopper@Mall.test')).toMatchObject({ __typename: 'Session' })
    const wrong = await logIn('shopper@mall.test', 'not the password')
    const unknown = await logIn('nobody@mall.test', 'not the password')
    expect(wrong).toEqual(unknown)
    expect(wrong).toMatchObject({ __typename: 'WrongCredentialsError' })
  })

  it('is closed for a login after too many wrong passwords, the right one included', async () => {
    const login = 'shopper30@mall.test'
    for (let i = 0; i < 3; i++) {
      expect(await logIn(login, `guess ${i} of many`)).toMatchObject({ __typename: 'WrongCredentialsError' })
    }
    const blocked = await logIn(login)
    expect(blocked).toMatchObject({ __typename: 'TooManyAttemptsError' })
    expect(blocked.retryAfterSeconds).toBeGreaterThan(0)
    expect(await logIn('shopper29@mall.test')).toMatchObject({ __typename: 'Session' })
  })

  it('answers no more guesses sent at once than sent one by one', async () => {
    const guesses = Array.from({ length: 12 }, (_, i) => logIn('shopper28@mall.test', `guess ${i} of many`))
    const names = (await Promise.all(guesses)).map(({ __typename }) => __typename)
    expect(names.filter((name) => name === 'WrongCredentialsError')).toHaveLength(3)
    expect(names.filter((name) => name === 'TooManyAttemptsError')).toHaveLength(9)
  })

  it('lets many devices of one account in at once', async () => {
    const sessions = await Promise.all(Array.from({ length: 12 }, () => logIn('shopper27@mall.test')))
    expect(new Set(sessions.map(({ refreshToken }) => refreshToken)).size).toBe(12)
  })
})

describe('a session', () => {
  it('is renewed by a new refresh token each time', async () => {
    const first = await logIn('shopper1@mall.test')
    const second = await refresh(first.refreshToken)
    const third = await refresh(second.refreshToken)
    expect(third).toMatchObject({ __typename: 'Session' })
    expect(decodeJwt(third.accessToken)).toMatchObject({ sid: decodeJwt(first.accessToken).sid, iss: 'mall' })
  })

  it('ends everywhere when a used refresh token comes again', async () => {
    const first = await logIn('shopper2@mall.test')
    const other = await logIn('shopper2@mall.test')
    const second = await refresh(first.refreshToken)
    expect(reader.viewerOf(claimsOf(second.accessToken))).not.toBeNull()
    expect(await refresh(first.refreshToken)).toMatchObject({ __typename: 'SessionExpiredError' })
    expect(await refresh(second.refreshToken)).toMatchObject({ __typename: 'SessionExpiredError' })
    await expect.poll(() => reader.viewerOf(claimsOf(second.accessToken)), { interval: 10 }).toBeNull()
    expect(reader.viewerOf(claimsOf(other.accessToken))).not.toBeNull()
  })

  it('goes on for at most one of two that use a token at once', async () => {
    const { refreshToken } = await logIn('shopper3@mall.test')
    const results = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)))
    expect(results.filter(({ __typename }) => __typename === 'Session')).toHaveLength(1)
  })

  it('is not renewed by a token that never was', async () => {
    expect(await refresh('made up')).toMatchObject({ __typename: 'SessionExpiredError' })
  })

  it('ends by logging out here, or everywhere', async () => {
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => logIn('shopper4@mall.test')))
    await ask('mutation { logOut }', { viewer: reader.viewerOf(claimsOf(one.accessToken)) })
    await expect.poll(() => reader.viewerOf(claimsOf(one.accessToken)), { interval: 10 }).toBeNull()
    expect(await refresh(one.refreshToken)).toMatchObject({ __typename: 'SessionExpiredError' })
    expect(reader.viewerOf(claimsOf(two.accessToken))).not.toBeNull()
    await ask('mutation { logOut(everywhere: true) }', { viewer: reader.viewerOf(claimsOf(two.accessToken)) })
    await expect.poll(() => reader.viewerOf(claimsOf(three.accessToken)), { interval: 10 }).toBeNull()
    expect(await refresh(three.refreshToken)).toMatchObject({ __typename: 'SessionExpiredError' })
  })
})

describe('rights', () => {
  it('of a role change for tokens that are already out, within a second and through another instance', async () => {
    const staff = claimsOf((await logIn('staff@mall.test')).accessToken)
    const admin = await adminViewer()
    expect(reader.viewerOf(staff)?.scopes).toContain('stock:write')
    const begun = performance.now()
    const other = createAsk(instances[1] ?? '')
    const { data } = await other(setPermissions('staff', ['orders:read']), { viewer: admin })
    await expect.poll(() => reader.viewerOf(staff)?.scopes, { interval: 5 }).toEqual(['orders:read'])
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(data.setRolePermissions).toEqual({ __typename: 'Role', permissions: ['orders:read'] })
    expect(announced).toContain('role staff')
  })

  it('of a user change for tokens that are already out', async () => {
    const session = await logIn('shopper5@mall.test')
    const claims = claimsOf(session.accessToken)
    const admin = await adminViewer()
    const give = (roles: string[]) =>
      ask(setRoles(claims.sub, roles), { viewer: admin }).then(({ data }) => data.setUserRoles)
    expect(await give(['user', 'admin'])).toMatchObject({ __typename: 'User' })
    await expect.poll(() => reader.viewerOf(claims)?.scopes, { interval: 5 }).toContain('users:write')
    await give(['user'])
    await expect.poll(() => reader.viewerOf(claims)?.scopes, { interval: 5 }).toEqual([])
    expect(claimsOf((await refresh(session.refreshToken)).accessToken).roles).toEqual(['user'])
    expect(await give(['emperor'])).toMatchObject({ __typename: 'NotFoundError' })
    const { data } = await ask(setRoles('nobody', ['user']), { viewer: admin })
    expect(data.setUserRoles).toMatchObject({ __typename: 'NotFoundError' })
  })

  it('are published again when Redis has lost them', async () => {
    const redis = new Redis(redisUrl)
    await redis.del('rights:snapshot')
    await expect.poll(() => redis.exists('rights:snapshot'), { timeout: 3_000 }).toBe(1)
    await redis.quit()
  })

  it('cannot be changed in a way that nobody could change them again', async () => {
    const admin = await adminViewer()
    const refused = { __typename: 'InvalidInputError', field: 'permissions' }
    const { data } = await ask(setPermissions('admin', ['users:read']), { viewer: admin })
    expect(data.setRolePermissions).toMatchObject(refused)
    const { data: second } = await ask(setRoles(admin.id, ['user']), { viewer: admin })
    expect(second.setUserRoles).toMatchObject({ __typename: 'InvalidInputError', field: 'roles' })
    const wrong = await ask(setPermissions('staff', ['everything']), { viewer: admin })
    expect(wrong.data.setRolePermissions).toMatchObject({ field: 'permissions.0' })
    const unknown = await ask(setPermissions('emperor', []), { viewer: admin })
    expect(unknown.data.setRolePermissions).toMatchObject({ __typename: 'NotFoundError' })
  })

  it('are asked for by whoever has none in vain', async () => {
    const shopper = reader.viewerOf(claimsOf((await logIn('shopper6@mall.test')).accessToken))
    const query = `{ me { email } user(id: "${shopper?.id}") { id } users { totalCount } roles { name } }`
    const asked = await ask(query, { viewer: shopper })
    expect(asked.data).toEqual({ me: { email: 'shopper6@mall.test' }, user: null, users: null, roles: null })
    expect(codesOf(asked)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
    expect(codesOf(await ask(query))).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED'])
    for (const change of [setPermissions('user', ['users:read']), setRoles(shopper?.id ?? '', ['admin'])]) {
      expect(codesOf(await ask(change, { viewer: shopper }))).toEqual(['FORBIDDEN'])
      expect(codesOf(await ask(change))).toEqual(['UNAUTHENTICATED'])
    }
    expect(codesOf(await ask('mutation { logOut }'))).toEqual(['UNAUTHENTICATED'])
  })
})

describe('users', () => {
  it('are paged newest first without gap or repeat, and found by part of a name, e-mail or phone', async () => {
    const viewer = await adminViewer()
    const seen: string[] = []
    let after: string | null = null
    do {
      const args: string = after ? `, after: "${after}"` : ''
      const query = `{ users(first: 7, search: "SHOPPER"${args}) { totalCount nodes { email } pageInfo { hasNextPage endCursor } } }`
      const { users } = (await ask(query, { viewer })).data
      expect(users.totalCount).toBe(31)
      seen.push(...users.nodes.map((user: { email: string }) => user.email))
      after = users.pageInfo.hasNextPage ? users.pageInfo.endCursor : null
    } while (after)
    expect(seen).toHaveLength(31)
    expect(new Set(seen).size).toBe(31)
    expect(seen[0]).toBe('shopper30@mall.test')
    const { data } = await ask('{ users(search: "%") { totalCount } a: users(search: "_") { totalCount } }', {
      viewer,
    })
    expect(data).toEqual({ users: { totalCount: 0 }, a: { totalCount: 0 } })
    const odd = await ask('{ users(after: "x") { totalCount } }', { viewer })
    expect(odd.errors[0].extensions.code).toBe('BAD_USER_INPUT')
  })

  it('show what is private through _entities to themselves and to who may read users only', async () => {
    const session = await logIn('shopper7@mall.test')
    const self = reader.viewerOf(claimsOf(session.accessToken))
    const query = `{ _entities(representations: [{ __typename: "User", id: "${self?.id}" }]) { ... on User { displayName email phone roles { name } linkedAccounts { provider } } } }`
    const asShopper = await logIn('shopper8@mall.test')
    const stranger = reader.viewerOf(claimsOf(asShopper.accessToken))
    const emailFor = async (viewer: typeof self) => (await ask(query, { viewer })).data._entities[0]
    expect(await emailFor(self)).toMatchObject({ email: 'shopper7@mall.test' })
    expect(await emailFor(await adminViewer())).toMatchObject({ email: 'shopper7@mall.test' })
    const hidden = { displayName: 'Shopper 7', email: null, phone: null, roles: null, linkedAccounts: null }
    for (const [viewer, code] of [
      [stranger, 'FORBIDDEN'],
      [null, 'UNAUTHENTICATED'],
    ] as const) {
      expect(await emailFor(viewer)).toEqual(hidden)
      expect(codesOf(await ask(query, { viewer }))).toEqual([code, code, code, code])
    }
  })
})

const codesOf = ({ errors }: { errors: { extensions: { code: string } }[] }) =>
  errors.map(({ extensions }) => extensions.code)

const errorFields = `... on UserError { message } ... on InvalidInputError { field }
  ... on WeakPasswordError { minLength } ... on TooManyAttemptsError { retryAfterSeconds }`
const setPermissions = (role: string, permissions: string[]) =>
  `mutation { setRolePermissions(role: "${role}", permissions: ${JSON.stringify(permissions)}) {
    __typename ... on Role { permissions } ... on InvalidInputError { field } } }`
const setRoles = (id: string, roles: string[]) =>
  `mutation { setUserRoles(userId: "${id}", roles: ${JSON.stringify(roles)}) { __typename ... on InvalidInputError { field } } }`

async function register(input: { email?: string; phone?: string; password?: string }) {
  const variables = { input: { displayName: 'Mei Lin', password: DEMO_PASSWORD, ...input } }
  const query = `mutation ($input: RegisterInput!) { register(input: $input) { __typename
    ... on Session { accessToken user { email roles { name } } } ${errorFields.replace('... on TooManyAttemptsError { retryAfterSeconds }', '')} } }`
  return (await ask(query, { variables })).data.register
}

const logIn = (login: string, password = DEMO_PASSWORD) => signIn(ask, login, password)

async function refresh(refreshToken: string) {
  const query = `mutation { refreshSession(refreshToken: "${refreshToken}") { __typename ... on Session { accessToken refreshToken } } }`
  return (await ask(query)).data.refreshSession
}

function claimsOf(accessToken: string) {
  const { sub = '', sid, roles } = decodeJwt<{ sid: string; roles: string[] }>(accessToken)
  return { sub, sid, roles }
}

async function adminViewer() {
  const viewer = reader.viewerOf(claimsOf((await logIn('admin@mall.test')).accessToken))
  if (!viewer) throw new Error('the admin is nobody')
  return viewer
}
