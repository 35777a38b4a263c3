import { expect, it } from 'vitest'
import { readApi } from './read-api.ts'
import { libraryFiles, librarySupergraph, temporaryFolder } from './testing/library.ts'

const supergraphSdl = librarySupergraph()

/** What reading the folder is refused with, when a piece of one of its files is replaced. */
function faultOf(file: string, before: string, after: string): string {
  const text = libraryFiles[file] ?? ''
  expect(text).toContain(before)
  using folder = temporaryFolder({ ...libraryFiles, [file]: text.replace(before, after) })
  try {
    readApi(folder.path, supergraphSdl)
    return 'no fault'
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder.path, '') : String(error)
  }
}

it('a folder without faults is read', () => {
  expect(faultOf('books.yaml', 'getVault', 'getVault')).toBe('no fault')
})

it.each([
  ['books.yaml', 'getVault:', 'getVaults:', '/books.yaml:9: There is no operation getVaults.'],
  [
    'books.yaml',
    'GET /vault',
    'GET /shelf',
    '/books.yaml:9: getVault: GET /v1/shelf is the route of getShelf already.',
  ],
  [
    'books.yaml',
    'GET /books/{id}\n',
    'GET /books/{key}\n',
    '/books.yaml:5: getBook: the operation has no variable $key.',
  ],
  [
    'books.yaml',
    ', inPrint]',
    ']',
    '/books.yaml:2: listBooks: $inPrint has no place: name it in the path, query or body.',
  ],
  ['books.yaml', '[note]', '[note, id]', '/books.yaml:27: giveBook: $id has more than one place.'],
  ['books.yaml', 'body: reader', 'query: [reader]', '$reader is an object: it fits only in a body.'],
  [
    'books.yaml',
    'POST /books/{id}/gift',
    'GET /books/{id}/gift',
    'giveBook: a mutation is not asked for by GET.',
  ],
  ['books.yaml', 'GET /vault', 'FETCH /vault', '/books.yaml:9: getVault.route: must be a method and a path'],
  ['books.yaml', 'status: 201', 'status: 204', '/books.yaml:25: lendBook.status: '],
  ['books.yaml', 'status: 201', 'state: 201', '/books.yaml:23: lendBook: Unrecognized key: "state"'],
  ['books.yaml', 'getVault:', 'getVault: {', '/books.yaml:'],
  [
    'books.yaml',
    'getVault:\n  route: GET /vault\n',
    '',
    '/books.graphql:6: The operation getVault has no route.',
  ],
  [
    'books.yaml',
    'route: GET /books/{id}\n',
    'route: GET /books/{id}\n  body: id\n',
    'getBook: $id has more than one place.',
  ],
  ['books.graphql', 'vault {', 'vaults {', '/books.graphql:6: Cannot query field "vaults" on type "Query".'],
  ['books.graphql', 'query getVault {', 'query getVault {{', '/books.graphql:6: Syntax Error'],
  ['books.graphql', '{ whoami }', '{ whoami vault { id } }', 'whoAmI must select exactly one root field'],
  [
    'books.graphql',
    'query whoAmI { whoami }',
    'subscription whoAmI { changes { id } }',
    'whoAmI is a subscription',
  ],
  [
    'books.graphql',
    'query whoAmI',
    'query getVault',
    '/books.graphql:6: There can be only one operation named "getVault".',
  ],
  ['api.yaml', 'LentError', 'LostError', '/api.yaml:1: The graph has no type LostError.'],
  ['api.yaml', '  Day: {', '  Date: {', 'api.yaml: "scalars" does not say what Day is in JSON.'],
  ['api.yaml', 'prefix: /v1', 'prefix: v1', '/api.yaml:3: prefix: must be a path such as /v1'],
])('%s with %j → %j is refused: %s', (file, before, after, message) => {
  expect(faultOf(file, before, after)).toContain(message)
})

it('one type in two shapes of one operation needs names', () => {
  const fault = faultOf(
    'books.graphql',
    '{ vault { ...Book } }',
    '{ vault { id author { name } a: author { n: name } b: author { x: name } } }',
  )
  expect(fault).toContain('getVault selects Author in a shape for which no name is left')
})
