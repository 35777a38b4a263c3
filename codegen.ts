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

/** What clients see, composed from the subgraphs' schemas. */
const apiSchema = { 'subgraphs/*/schema.graphql': { loader: './web/packages/graph/codegen/api-schema.ts' } }

const webConfig = {
  scalars: { DateTime: 'string', SafeInt: 'number', URL: 'string', ID: 'string' },
  enumType: 'string-literal',
  documentVariableSuffix: '',
  useTypeImports: true,
}

/** Typed documents of one part of the web, and a composable for each, from the .graphql files in it. */
const webPart = (folder: string): CodegenConfig['generates'] => ({
  [`web/${folder}/src/generated/documents.ts`]: {
    schema: [apiSchema],
    documents: `web/${folder}/src/graphql/*.graphql`,
    plugins: ['typescript-operations', 'typed-document-node'],
    config: webConfig,
  },
  [`web/${folder}/src/generated/composables.ts`]: {
    schema: [apiSchema],
    documents: `web/${folder}/src/graphql/*.graphql`,
    plugins: ['typescript-vue-apollo'],
    config: {
      ...webConfig,
      documentMode: 'external',
      importDocumentNodeExternallyFrom: './documents.ts',
      importOperationTypesFrom: 'Operations',
      vueCompositionApiImportFrom: 'vue',
      addDocBlocks: false,
    },
  },
})

const config: CodegenConfig = {
  generates: {
    ...subgraph('users', {
      User: '../data/user-repository.ts#UserRecord',
      UserConnection: '../resolvers/UserConnection.ts#UserConnectionParent',
      Session: '../accounts.ts#SessionRecord',
    }),
    ...subgraph('products', {
      Product: '../generated/prisma/client.ts#Product as ProductRow',
      ProductSearch: '../search/page.ts#ProductPage',
      Sku: '../generated/prisma/client.ts#Sku as SkuRow',
      Category: '../generated/prisma/client.ts#Category as CategoryRow',
      Image: '../generated/prisma/client.ts#Image as ImageRow',
      StockChange: '../stock/notice.ts#StockNotice',
      StockShortage: '../domain/reserve.ts#Shortage',
    }),
    ...subgraph('orders', {
      Order: '../data/order-repository.ts#OrderRecord',
      OrderLine: '../resolvers/parents.ts#OrderLineParent',
      OrderEvent: '../resolvers/parents.ts#OrderEventParent',
      StockShortage: '../domain/errors.ts#Shortage',
    }),
    ...webPart('packages/graph'),
    ...webPart('apps/users'),
    ...webPart('apps/products'),
    ...webPart('apps/orders'),
    'web/packages/graph/src/generated/possible-types.ts': {
      schema: [apiSchema],
      plugins: ['fragment-matcher'],
      config: { useExplicitTyping: true, apolloClientVersion: 3 },
    },
  },
}

export default config
