import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'

/** A graph with everything that an OpenAPI document must tell: guards, typed errors, unions, enums, scalars, defaults. */
export const librarySdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
    import: ["@key", "@authenticated", "@requiresScopes", "@policy"])

  "A day: ISO 8601."
  scalar Day
  interface UserError { message: String! }
  "Returned when there is no such thing."
  type MissingError implements UserError { message: String! }
  "Returned when somebody else has it."
  type LentError implements UserError { message: String! status: Int! until: Day }
  type OddError implements UserError { message: String! }

  "Something to read."
  type Book @key(fields: "id") {
    id: ID!
    title: String!
    "What it cost."
    price: Int @requiresScopes(scopes: [["books:price"]])
    notes: String @policy(policies: [["self"], ["books:notes"]])
    published: Day
    down: String
    author: Author!
    old: String @deprecated(reason: "Nobody reads it.")
  }
  type Magazine { id: ID! issue: Int! }
  type Author @key(fields: "name") { name: String! secret: String! @authenticated }
  "Whatever stands on a shelf."
  union Item = Book | Magazine
  union LendResult = Book | MissingError | LentError | OddError

  enum Order { "By its name." TITLE NEWEST }
  input ReaderInput { name: String! age: Int since: Day tags: [String!] = ["new"] friend: ReaderInput }

  type Query {
    "All books, by title."
    books(order: Order = TITLE, ids: [ID!], "At most so many." first: Int = 10, since: Day, inPrint: Boolean): [Book!]!
    book(id: ID!): Book
    "What stands on the shelf."
    shelf: [Item!]!
    vault: Book @requiresScopes(scopes: [["vault:open", "vault:see"], ["admin"]])
    whoami: String @authenticated
    slow: Book
    broken: Book
    down: Book
    limited: Book
  }
  type Mutation {
    "Lends a book."
    lend(id: ID!, reader: ReaderInput!): LendResult! @requiresScopes(scopes: [["books:lend"]])
    give(id: ID!, note: String): LendResult! @authenticated
  }
  type Subscription { changes: Book }`

/** The files of a partners' folder for it. */
export const libraryFiles: Readonly<Record<string, string>> = {
  'api.yaml': `title: Library
version: '1'
prefix: /v1
errors:
  interface: UserError
  statuses: { MissingError: 404, LentError: 409 }
scalars:
  Day: { type: string, format: date }
`,
  'books.graphql': `query listBooks($order: Order = TITLE, $ids: [ID!], $first: Int = 10, $since: Day, $inPrint: Boolean) {
  books(order: $order, ids: $ids, first: $first, since: $since, inPrint: $inPrint) { ...Book }
}
query getBook($id: ID!) { book(id: $id) { id title price notes published old author { name } } }
query getShelf { shelf { ... on Book { id title } ... on Magazine { id issue } } }
query getVault { vault { ...Book } }
query whoAmI { whoami }
query getSlow { slow { ...Book } }
query getBroken { broken { ...Book } }
query getDown { down { ...Book } }
query getLimited { limited { ...Book } }
query getLazy($id: ID!) { book(id: $id) { id down } }
mutation lendBook($id: ID!, $reader: ReaderInput!) {
  lend(id: $id, reader: $reader) { ...Book ... on UserError { message } ... on LentError { status until } }
}
mutation giveBook($id: ID!, $note: String) {
  give(id: $id, note: $note) { ... on Book { id author { secret } } ... on UserError { message } ... on LentError { status until } }
}
fragment Book on Book { id title }
`,
  'books.yaml': `listBooks:
  route: GET /books
  query: [order, ids, first, since, inPrint]
getBook:
  route: GET /books/{id}
getShelf:
  route: GET /shelf
getVault:
  route: GET /vault
whoAmI:
  route: GET /me
getSlow:
  route: GET /slow
getBroken:
  route: GET /broken
getDown:
  route: GET /down
getLimited:
  route: GET /limited
getLazy:
  route: GET /books/{id}/lazy
lendBook:
  route: POST /books/{id}/loans
  body: reader
  status: 201
giveBook:
  route: POST /books/{id}/gift
  body: [note]
`,
}

/** The library as a supergraph, its one subgraph at a URL. */
export function librarySupergraph(url = 'http://127.0.0.1:1/graphql'): string {
  const { supergraphSdl, errors } = composeServices([{ name: 'library', url, typeDefs: parse(librarySdl) }])
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}

/** A folder with these files, until it is disposed of. */
export function temporaryFolder(files: Readonly<Record<string, string>>) {
  const path = mkdtempSync(join(tmpdir(), 'partners-'))
  const write = (name: string, text: string) => writeFileSync(join(path, name), text)
  for (const [name, text] of Object.entries(files)) write(name, text)
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
