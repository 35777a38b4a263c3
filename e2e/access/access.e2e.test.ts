import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, eventually, mallState, type MallClient } from '@mall/testing'
import { clientOf, routerUrl } from '../shop.ts'

let admin: MallClient
let shopper: MallClient
let stranger: MallClient
beforeAll(async () => {
  admin = await clientOf('admin@mall.test')
  shopper = await clientOf('shopper@mall.test')
  stranger = createClient(routerUrl())
})
afterAll(() => Promise.all([admin, shopper, stranger].map((client) => client.close())))

const codes = (answer: { errors?: { path?: (string | number)[]; extensions?: { code?: string } }[] }) =>
  answer.errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.code])

const sku = '{ products(first: 1) { nodes { skus { stock { available reserved } } } } }'

describe('a field that the viewer may not see', () => {
  it('is null with an error, and the rest of the answer comes', async () => {
    const answer = await shopper.send<{ products: { nodes: { skus: { stock: object }[] }[] } }>(sku)
    expect(answer.data?.products.nodes[0]?.skus[0]?.stock).toMatchObject({ reserved: null })
    expect(codes(answer)?.[0]?.[1]).toBe('FORBIDDEN')
    expect(codes(await stranger.send(sku))?.[0]?.[1]).toBe('UNAUTHENTICATED')
    expect((await admin.send(sku)).errors).toBeUndefined()
  })

  it('refuses a whole mutation before anything is done', async () => {
    const answer = await shopper.send(
      'mutation { setRolePermissions(role: "staff", permissions: []) { __typename } }',
    )
    expect(answer.data).toBeNull()
    expect(codes(answer)?.[0]?.[1]).toBe('FORBIDDEN')
  })

  it("is another shopper's e-mail, also when it is reached from elsewhere", async () => {
    const { me } = await shopper.query<{ me: { id: string; email: string } }>('{ me { id email } }')
    expect(me.email).toBe('shopper@mall.test')
    const answer = await shopper.send(`{ users(first: 1) { nodes { email } } }`)
    expect(codes(answer)).toEqual([['users', 'FORBIDDEN']])
  })
})

describe('the rights of a role', () => {
  it('take effect within a second, with the same token', async () => {
    const set = (permissions: string[]) =>
      admin.query(
        'mutation ($p: [String!]!) { setRolePermissions(role: "user", permissions: $p) { __typename } }',
        {
          p: permissions,
        },
      )
    try {
      await set(['stock:read'])
      const begun = Date.now()
      await eventually('the shopper sees reserved stock', async () => !(await shopper.send(sku)).errors, {
        timeoutMs: 1_000,
        everyMs: 20,
      })
      expect(Date.now() - begun).toBeLessThan(1_000)
    } finally {
      await set([])
    }
    await eventually('the right is gone again', async () => Boolean((await shopper.send(sku)).errors), {
      timeoutMs: 1_000,
      everyMs: 20,
    })
  })
})

describe('a subgraph', () => {
  it("refuses whoever does not carry the router's signature", async () => {
    const { pids } = mallState()
    expect(Object.keys(pids)).toContain('users')
    const response = await fetch(`${mallState().subgraphs.users}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-internal-identity': 'v1.dev.e30.forged' },
      body: JSON.stringify({ query: '{ me { id } }' }),
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
})

describe('a token that is not valid', () => {
  it('refuses the whole request', async () => {
    const forged = createClient(routerUrl(), 'eyJhbGciOiJub25lIn0.e30.')
    const answer = await forged.send('{ categories { id } }')
    expect(codes(answer)?.[0]?.[1]).toBe('UNAUTHENTICATED')
    await forged.close()
  })
})

describe('a malformed request', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${routerUrl()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })

  it.each([
    ['malformed JSON', '{"query": '],
    ['an unknown operationName', JSON.stringify({ query: 'query A { me { id } }', operationName: 'B' })],
    [
      'a subscription over POST',
      JSON.stringify({ query: 'subscription { stockChanged(skuIds: ["a"]) { available } }' }),
    ],
    ['a body of 2 MB', JSON.stringify({ query: `{ me { id } } # ${'x'.repeat(2 * 1024 * 1024)}` })],
  ])('such as %s is answered with 4xx GraphQL JSON and no stack', async (_, body) => {
    const response = await post(body, { accept: 'application/graphql-response+json' })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    const text = await response.text()
    expect(JSON.parse(text)).toHaveProperty('errors.0.message')
    expect(text).not.toMatch(/node_modules|at [A-Za-z]+ \(/)
  })
})
