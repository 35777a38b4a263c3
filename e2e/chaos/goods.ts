import { randomUUID } from 'node:crypto'
import { createClient, eventually, signIn, type MallClient } from '@mall/testing'
import { place } from '../shop.ts'

/** The articles of one part of a run. Each part has its own, so that those of earlier parts come to rest. */
export interface Goods {
  /** Plenty of it. */
  plain: string
  /** Many articles that are each ordered seldom: what a power cut takes from their copy, no later order brings back. */
  rare: readonly string[]
  /** Plenty; its price ends in 13, so that paying for one unit is refused. */
  unpayable: string
  /** Fewer than are asked for. */
  scarce: string
}

const rareCodes = Array.from({ length: 20 }, (_, index) => `rare-${index}`)

const kinds = [
  { code: 'plain', price: 1_990, stock: 400 },
  { code: 'unpayable', price: 1_313, stock: 40 },
  { code: 'scarce', price: 2_500, stock: 8 },
  ...rareCodes.map((code) => ({ code, price: 1_500, stock: 12 })),
]

/** Makes the articles for a run of several parts and waits until orders know them all. */
export async function makeGoods(router: string, parts: number): Promise<Goods[]> {
  const staff = createClient(router, await signIn(router, 'staff@mall.test'))
  const goods: Goods[] = []
  for (let part = 0; part < parts; part += 1) goods.push(await makeOne(staff))
  // All articles of a part are one product, so orders hear of them together.
  for (const { plain } of goods)
    await eventually('orders know the article', async () => {
      const { __typename } = await place(staff, plain, { quantity: 999 })
      return __typename === 'InsufficientStockError'
    })
  await staff.close()
  return goods
}

async function makeOne(staff: MallClient): Promise<Goods> {
  const name = `chaos-${randomUUID().slice(0, 8)}`
  const { categories } = await staff.query<{ categories: { id: string }[] }>('{ categories { id } }')
  const { createProduct } = await staff.query<{
    createProduct: { skus?: { id: string; code: string }[]; message?: string }
  }>(
    `mutation ($input: CreateProductInput!) {
      createProduct(input: $input) { ... on Product { skus { id code } } ... on UserError { message } }
    }`,
    {
      input: {
        slug: name,
        name,
        categoryId: categories[0]?.id,
        skus: kinds.map(({ code, price, stock }) => ({
          code: `${name}-${code}`,
          options: [{ name: 'kind', value: code }],
          price,
          initialStock: stock,
        })),
      },
    },
  )
  const idOf = (code: string) => {
    const sku = createProduct.skus?.find((one) => one.code.toLowerCase() === `${name}-${code}`)
    if (!sku) throw new Error(`The articles were refused: ${createProduct.message}`)
    return sku.id
  }
  return {
    plain: idOf('plain'),
    rare: rareCodes.map(idOf),
    unpayable: idOf('unpayable'),
    scarce: idOf('scarce'),
  }
}
