import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_PASSWORD } from '../seed.ts'
import { startTestUsers } from '../testing/start-test-users.ts'
import type { TestUsers } from '../testing/start-test-users.ts'

let users: TestUsers
beforeAll(async () => {
  users = await startTestUsers({ env: { LOGIN_MAX_ATTEMPTS: '2' } })
})
afterAll(() => users.close())

describe('POST /auth/login', () => {
  it('answers a session whose token the published keys verify', async () => {
    const { status, body, headers } = await logIn('shopper@mall.test')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body.user).toMatchObject({
      email: 'shopper@mall.test',
      roles: [{ name: 'user', permissions: [] }],
    })
    const jwks = await (await fetch(`${url()}/.well-known/jwks.json`)).text()
    expect(jwks).not.toContain('"d"')
    const { payload, protectedHeader } = await jwtVerify(
      body.accessToken,
      createLocalJWKSet(JSON.parse(jwks)),
      { issuer: 'mall', audience: 'mall' },
    )
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: JSON.parse(jwks).keys[0].kid })
    expect(payload).toMatchObject({ sub: body.user.id, roles: ['user'] })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(900)
  })

  it('answers 401 to wrong credentials and 429 to too many of them', async () => {
    const wrong = { login: 'shopper9@mall.test', password: 'not the password' }
    for (let i = 0; i < 2; i++) {
      const { status, body } = await post('/auth/login', wrong)
      expect(status).toBe(401)
      expect(body.error).toMatchObject({ type: 'WrongCredentialsError', message: expect.any(String) })
    }
    const { status, headers } = await logIn(wrong.login)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('answers 4xx to what is not a login', async () => {
    expect(await post('/auth/login', { login: 'x' })).toMatchObject({
      status: 400,
      body: { error: { type: 'InvalidInputError', field: 'password' } },
    })
    expect((await send('/auth/login', '{"login":')).status).toBe(400)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect(
        (await send('/auth/login', '{"login":"a","password":"b"}', { 'content-type': type })).status,
      ).toBe(415)
    }
  })
})

describe('POST /auth/register', () => {
  it('answers 201 with a session, 409 when taken, 400 with the field at fault', async () => {
    const account = { displayName: 'Mei Lin', email: 'mei@mall.test', password: DEMO_PASSWORD }
    expect(await post('/auth/register', account)).toMatchObject({
      status: 201,
      body: { user: { email: 'mei@mall.test' }, refreshToken: expect.any(String) },
    })
    expect(await post('/auth/register', account)).toMatchObject({ status: 409 })
    expect(await post('/auth/register', { ...account, email: 'x' })).toMatchObject({
      status: 400,
      body: { error: { type: 'InvalidInputError', field: 'email' } },
    })
  })
})

describe('the cookie mode', () => {
  it('keeps the refresh token out of the answer, out of reach of scripts, and rotates it', async () => {
    const first = await logIn('shopper1@mall.test', { mode: 'cookie' })
    expect(first.body.refreshToken).toBeUndefined()
    const cookie = first.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^mall_refresh=[\w-]{43};/)
    for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/auth', 'Max-Age=2592000']) {
      expect(cookie).toContain(attribute)
    }

    const second = await post('/auth/refresh', { mode: 'cookie' }, cookieHeader(cookie))
    expect(second).toMatchObject({ status: 200, body: { accessToken: expect.any(String) } })
    expect(second.body.refreshToken).toBeUndefined()
    const reused = await post('/auth/refresh', { mode: 'cookie' }, cookieHeader(cookie))
    expect(reused.status).toBe(401)
    expect(reused.headers.get('set-cookie')).toMatch(/^mall_refresh=;.*Expires=Thu, 01 Jan 1970/)
  })

  it('is not entered by a request that another site could send', async () => {
    const cookie = (await logIn('shopper2@mall.test', { mode: 'cookie' })).headers.get('set-cookie') ?? ''
    const withoutBody = await fetch(`${url()}/auth/refresh`, {
      method: 'POST',
      headers: cookieHeader(cookie),
    })
    expect(withoutBody.status).toBe(401)
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...cookieHeader(cookie) }
    expect((await send('/auth/refresh', 'mode=cookie', form)).status).toBe(415)
    expect((await send('/auth/logout', 'everywhere=true', form)).status).toBe(415)
    expect((await post('/auth/refresh', { mode: 'cookie' }, cookieHeader(cookie))).status).toBe(200)
  })

  it('ends with the log-out', async () => {
    const cookie = (await logIn('shopper3@mall.test', { mode: 'cookie' })).headers.get('set-cookie') ?? ''
    const out = await post('/auth/logout', {}, cookieHeader(cookie))
    expect(out.status).toBe(204)
    expect((await post('/auth/refresh', { mode: 'cookie' }, cookieHeader(cookie))).status).toBe(401)
  })
})

describe('POST /auth/refresh and /auth/logout with tokens in the body', () => {
  it('renew and end a session', async () => {
    const { body } = await logIn('shopper4@mall.test')
    const next = await post('/auth/refresh', { refreshToken: body.refreshToken })
    expect(next.status).toBe(200)
    const bearer = { authorization: `Bearer ${next.body.accessToken}` }
    expect((await post('/auth/logout', {}, bearer)).status).toBe(204)
    expect((await post('/auth/refresh', { refreshToken: next.body.refreshToken })).status).toBe(401)
    expect((await post('/auth/logout', {}, bearer)).status).toBe(401)
    expect((await post('/auth/refresh', {})).status).toBe(401)
  })
})

describe('POST /auth/introspect', () => {
  const basic = {
    authorization: `Basic ${Buffer.from('mall:mall-development-introspection').toString('base64')}`,
  }

  it('tells a service what a good token stands for', async () => {
    const { body } = await logIn('staff@mall.test')
    expect(await introspect(body.accessToken, basic)).toMatchObject({
      status: 200,
      body: {
        active: true,
        token_type: 'Bearer',
        sub: body.user.id,
        roles: ['staff', 'user'],
        scope: 'orders:read orders:write products:write stock:read stock:write',
      },
    })
    expect(
      await introspect(body.refreshToken, { authorization: `Bearer ${body.accessToken}` }),
    ).toMatchObject({
      body: { active: true, token_type: 'refresh_token', sub: body.user.id },
    })
  })

  it('says only "not active" of a forged, ended or unknown one', async () => {
    const { body } = await logIn('shopper5@mall.test')
    const [head, payload] = String(body.accessToken).split('.')
    await post('/auth/logout', {}, { authorization: `Bearer ${body.accessToken}` })
    for (const token of [body.accessToken, body.refreshToken, `${head}.${payload}.AAAA`, 'x']) {
      expect(await introspect(token, basic)).toMatchObject({ status: 200, body: { active: false } })
    }
  })

  it('answers nobody who does not say who asks', async () => {
    const wrong = { authorization: `Basic ${Buffer.from('mall:wrong').toString('base64')}` }
    for (const headers of [{}, wrong, { authorization: 'Bearer x' }]) {
      expect(await introspect('x', headers)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    }
    expect((await post('/auth/introspect', {}, basic)).status).toBe(400)
  })
})

const url = () => users.urls[0] ?? ''

const logIn = (login: string, more: object = {}) =>
  post('/auth/login', { login, password: DEMO_PASSWORD, ...more })

const cookieHeader = (setCookie: string) => ({ cookie: setCookie.split(';')[0] ?? '' })

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  send(path, JSON.stringify(body), headers)

const introspect = (token: string, headers: Record<string, string>) =>
  send('/auth/introspect', new URLSearchParams({ token }).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })

async function send(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url()}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
}
