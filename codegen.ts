import type { CodegenConfig } from '@graphql-codegen/cli'

const scalars = {
  DateTime: { input: 'Date', output: 'Date | number | string' },
  SafeInt: { input: 'number', output: 'number' },
  URL: { input: 'string', output: 'string' },
  ID: { input: 'string', output: 'string' },
}

/** Resolver types of one subgraph; `mappers` names what a resolver's parent is where it is not the GraphQL type. */
const subgraph = (name: string, mappers: Record<string, string> = {}): CodegenConfig['generates'] => ({
  [`subgraphs/${name}/src/generated/graphql.ts`]: {
    schema: `subgraphs/${name}/schema.graphql`,
    plugins: ['typescript', 'typescript-resolvers'],
    config: {
      federation: true,
      contextType: '../context.ts#Context',
      enumsAsTypes: true,
      useTypeImports: true,
      skipTypename: true,
      scalars,
      mappers,
    },
  },
})

const config: CodegenConfig = {
  generates: {
    ...subgraph('users'),
    ...subgraph('products'),
    ...subgraph('orders', {
      Order: '../data/order-repository.ts#OrderRecord',
      OrderLine: '../resolvers/parents.ts#OrderLineParent',
      OrderEvent: '../resolvers/parents.ts#OrderEventParent',
      StockShortage: '../domain/errors.ts#Shortage',
    }),
  },
}

export default config
