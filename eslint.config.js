import js from '@eslint/js'
import graphql from '@graphql-eslint/eslint-plugin'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import ts from 'typescript-eslint'

const typescript = ['**/*.ts', '**/*.vue']
const subgraphs = ['users', 'products', 'orders']
const packagesOfServers = [
  '@mall/service/*',
  '@mall/bus',
  'ioredis',
  'kafkajs',
  'fastify',
  '**/generated/prisma/*',
]

/** Arrows go inward; see docs/architecture.md. */
const restrict = (files, group, message, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
})

export default ts.config(
  { ignores: ['**/node_modules', '**/generated', '**/dist', '.data', '.cache', 'supergraph.graphql'] },
  js.configs.recommended,
  { files: ['**/*.js'], languageOptions: { globals: globals.node } },
  { files: ['sandbox/*/src/page.js'], languageOptions: { globals: globals.browser } },
  ...ts.configs.recommendedTypeChecked.map((config) => ({ ...config, files: typescript })),
  ...vue.configs['flat/recommended'],
  {
    files: typescript,
    languageOptions: {
      parserOptions: { parser: ts.parser, projectService: true, extraFileExtensions: ['.vue'] },
      globals: { ...globals.node, ...globals.browser },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // graphql's kinds are compared as the strings that they are.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // What `createX` returns are closures over its dependencies; nothing of ours uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // An interface of a promise may be met by something that needs no await, such as a provider that decides at once.
      '@typescript-eslint/require-await': 'off',
      // Functions named further down are the order of reading: the tale first, then its parts.
      'no-use-before-define': 'off',
    },
  },
  restrict(
    ['subgraphs/*/src/domain/**', 'subgraphs/orders/src/saga/machine.ts'],
    packagesOfServers,
    'The domain is pure: no I/O.',
    ['**/*.test.ts'],
  ),
  restrict(
    ['packages/**', 'stack/**'],
    ['**/subgraphs/*', '@mall/users', '@mall/products', '@mall/orders'],
    'Packages know no subgraph.',
  ),
  restrict(
    ['router/**'],
    [
      '@mall/bus',
      '@mall/contracts',
      '@mall/stack',
      '@mall/users',
      '@mall/products',
      '@mall/orders',
      'kafkajs',
    ],
    'The router knows only access and service.',
    ['**/*.test.ts'],
  ),
  ...subgraphs.map((name) =>
    restrict(
      [`subgraphs/${name}/src/{resolvers,data,events,saga,participants,stock,search,media,http,rest}/**`],
      ['kafkajs', ...subgraphs.filter((other) => other !== name).map((other) => `@mall/${other}`)],
      'Kafka is behind @mall/bus, and subgraphs never import one another.',
    ),
  ),
  ...subgraphs.map((name) => ({
    files: [`subgraphs/${name}/schema.graphql`],
    // Without a schema: the plugin's loader hands it to @apollo/subgraph in a form that 2.15 refuses.
    languageOptions: { parser: graphql.parser },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      '@graphql-eslint/naming-convention': [
        'error',
        {
          types: 'PascalCase',
          FieldDefinition: 'camelCase',
          InputValueDefinition: 'camelCase',
          EnumValueDefinition: 'UPPER_CASE',
        },
      ],
      '@graphql-eslint/require-description': [
        'error',
        {
          EnumTypeDefinition: true,
          InputObjectTypeDefinition: true,
          InterfaceTypeDefinition: true,
          UnionTypeDefinition: true,
          ScalarTypeDefinition: true,
          ObjectTypeDefinition: true,
        },
      ],
    },
  })),
  {
    // What a server under test answers is read as it comes: a wrong shape is what the test would show.
    files: ['**/*.test.ts', '**/testing/**', 'e2e/**', 'bench/**'],
    rules: Object.fromEntries(
      ['assignment', 'argument', 'call', 'member-access', 'return'].map((what) => [
        `@typescript-eslint/no-unsafe-${what}`,
        'off',
      ]),
    ),
  },
  prettier,
)
