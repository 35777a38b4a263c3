interface Reference {
  readonly id: string
}

const PRODUCTS = 400
const USERS = 100
const words = 'It came in time and does what it says; the colour is a little darker than in the picture. '

const number = ({ id }: Reference) => Number(id)
const productOf = (n: number) => ({ id: String(n % PRODUCTS) })
const userOf = (n: number) => ({ id: String(n % USERS) })
const several = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index))

const entity = { __resolveReference: (reference: object) => reference }

const reviewOf = (n: number) => ({
  id: `r${n}`,
  text: words.slice(0, 30 + (n % 50)),
  stars: 1 + (n % 5),
  author: userOf(n * 7),
  product: productOf(n * 3),
})

/** Every value follows from the id, so that each run asks and gets the same. */
export const resolvers = {
  catalogue: {
    Query: {
      product: (_: unknown, { id }: Reference) => ({ id }),
      top: (_: unknown, { from }: { from: number }) => several(14, (index) => productOf(from + index)),
      me: () => userOf(1),
    },
    Product: {
      ...entity,
      name: (one: Reference) => `Product ${one.id}`,
      description: () => words,
      price: (one: Reference) => 100 + number(one),
      weight: (one: Reference) => 1 + (number(one) % 9),
      category: (one: Reference) => ({ id: String(number(one) % 8), name: `Category ${number(one) % 8}` }),
    },
    User: {
      ...entity,
      name: (one: Reference) => `User ${one.id}`,
      email: (one: Reference) => `user${one.id}@mall.test`,
      favourite: (one: Reference) => productOf(number(one) * 5),
    },
  },
  inventory: {
    Product: {
      ...entity,
      stock: (one: Reference) => number(one) % 50,
      shipping: ({ price = 0, weight = 0 }: { price?: number; weight?: number }) =>
        price > 250 ? 0 : weight * 10,
    },
  },
  reviews: {
    Product: {
      ...entity,
      reviews: (one: Reference) => several(3, (index) => reviewOf(number(one) * 3 + index)),
    },
    User: {
      ...entity,
      reviews: (one: Reference) => several(4, (index) => reviewOf(number(one) * 11 + index)),
    },
  },
}
