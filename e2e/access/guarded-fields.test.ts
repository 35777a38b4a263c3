import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { directiveNamesOf, requirementOf } from '@mall/access'
import { Kind, parse } from 'graphql'
import { beforeAll, expect, it } from 'vitest'
import { compose } from '../../router/src/supergraph/compose.ts'

const root = join(import.meta.dirname, '..', '..')
let supergraphSdl: string
beforeAll(async () => {
  supergraphSdl = (await compose(join(root, 'supergraph.yaml'))).supergraphSdl
})

it('the committed supergraph is what the schemas compose to', () => {
  expect(readFileSync(join(root, 'supergraph.graphql'), 'utf8')).toBe(supergraphSdl)
})

/** Who may see what, in one list: a directive that is taken away or weakened in a schema is seen here. */
it('the supergraph guards exactly these fields', () => {
  const document = parse(supergraphSdl, { noLocation: true })
  const names = directiveNamesOf(document)
  const guarded = document.definitions
    .flatMap((one) =>
      one.kind === Kind.OBJECT_TYPE_DEFINITION
        ? [
            { name: one.name.value, node: one },
            ...(one.fields ?? []).map((node) => ({ name: `${one.name.value}.${node.name.value}`, node })),
          ]
        : [],
    )
    .flatMap(({ name, node }) => {
      const requirement = requirementOf(node.directives, names)
      if (!requirement) return []
      const { authenticated, scopes, policies } = requirement
      const alternatives = (lists: readonly (readonly string[])[]) =>
        lists.map((one) => one.join('+')).join(' | ')
      return [
        [
          name,
          ...(authenticated ? ['signed in'] : []),
          ...(scopes.length ? [alternatives(scopes)] : []),
          ...(policies.length ? [`policy ${alternatives(policies)}`] : []),
        ].join(': '),
      ]
    })
  expect(guarded.toSorted()).toMatchInlineSnapshot(`
    [
      "Mutation.adjustStock: stock:write",
      "Mutation.cancelOrder: signed in",
      "Mutation.createProduct: products:write",
      "Mutation.deductStock: stock:write",
      "Mutation.logOut: signed in",
      "Mutation.markDelivered: orders:write",
      "Mutation.placeOrder: signed in",
      "Mutation.receiveReturn: orders:write",
      "Mutation.refundOrder: orders:write",
      "Mutation.setRolePermissions: roles:write",
      "Mutation.setUserRoles: users:write",
      "Mutation.shipOrder: orders:write",
      "Mutation.updateProduct: products:write",
      "Order.needsAttention: orders:read",
      "Query.order: signed in",
      "Query.orders: signed in",
      "Query.roles: roles:read",
      "Query.user: users:read",
      "Query.users: users:read",
      "Stock.reserved: stock:read",
      "Stock.sold: stock:read",
      "Subscription.orderChanged: signed in",
      "User.email: policy self | users:read",
      "User.linkedAccounts: policy self | users:read",
      "User.orders: policy self | orders:read",
      "User.phone: policy self | users:read",
      "User.roles: policy self | users:read",
    ]
  `)
})
