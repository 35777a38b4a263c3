import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { readApi } from './read-api.ts'
import { libraryFiles, librarySupergraph, temporaryFolder } from './testing/library.ts'

using folder = temporaryFolder(libraryFiles)
const { document } = readApi(folder.path, librarySupergraph())
const { schemas = {} } = document.components

it('is a valid OpenAPI 3.1 document, which a faulty one is not', async () => {
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
  const { info: _, ...faulty } = structuredClone(document)
  expect(await new Validator().validate(faulty)).toMatchObject({ valid: false })
})

it('tells parameters by the variables: where, what, which default, and what the graph says of them', () => {
  expect(document.paths['/v1/books']?.get?.parameters).toEqual([
    {
      name: 'order',
      in: 'query',
      required: false,
      schema: { $ref: '#/components/schemas/Order', default: 'TITLE' },
    },
    { name: 'ids', in: 'query', required: false, schema: { type: 'array', items: { type: 'string' } } },
    {
      name: 'first',
      in: 'query',
      required: false,
      description: 'At most so many.',
      schema: { type: 'integer', format: 'int32', default: 10 },
    },
    {
      name: 'since',
      in: 'query',
      required: false,
      schema: { $ref: '#/components/schemas/Day', description: undefined },
    },
    { name: 'inPrint', in: 'query', required: false, schema: { type: 'boolean' } },
  ])
  expect(document.paths['/v1/books/{id}']?.get?.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
  ])
  expect(schemas.Order).toMatchObject({ enum: ['TITLE', 'NEWEST'], description: 'TITLE: By its name.' })
  expect(schemas.Day).toEqual({ type: 'string', format: 'date', description: 'A day: ISO 8601.' })
})

it('tells bodies by the input types, as components that may contain themselves', () => {
  expect(document.paths['/v1/books/{id}/loans']?.post?.requestBody).toEqual({
    required: true,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/ReaderInput' } } },
  })
  expect(schemas.ReaderInput).toEqual({
    type: 'object',
    properties: {
      name: { type: 'string' },
      age: { type: ['integer', 'null'], format: 'int32' },
      since: { anyOf: [{ $ref: '#/components/schemas/Day' }, { type: 'null' }] },
      tags: { type: ['array', 'null'], items: { type: 'string' }, default: ['new'] },
      friend: { anyOf: [{ $ref: '#/components/schemas/ReaderInput' }, { type: 'null' }] },
    },
    required: ['name'],
    additionalProperties: false,
  })
  expect(document.paths['/v1/books/{id}/gift']?.post?.requestBody).toMatchObject({
    required: false,
    content: { 'application/json': { schema: { properties: { note: { type: ['string', 'null'] } } } } },
  })
})

it('tells answers by the selection, and what of them needs a right', () => {
  expect(schemas.Book).toEqual({
    type: 'object',
    description: 'Something to read.',
    properties: { id: { type: 'string' }, title: { type: 'string' } },
    required: ['id', 'title'],
  })
  // The same type in another shape has another name.
  expect(schemas.GetBookBook).toMatchObject({
    properties: {
      price: { type: ['integer', 'null'], description: 'What it cost. Null without the scope books:price.' },
      notes: { type: ['string', 'null'], description: 'Null without self, or books:notes.' },
      published: { anyOf: [{ $ref: '#/components/schemas/Day' }, { type: 'null' }] },
      old: { deprecated: true },
      author: { $ref: '#/components/schemas/Author' },
    },
    required: ['id', 'title', 'price', 'notes', 'published', 'old', 'author'],
  })
})

it('tells unions by a discriminator on __typename', () => {
  const answer = document.paths['/v1/shelf']?.get?.responses
  expect(answer).toMatchObject({
    200: {
      content: {
        'application/json': {
          schema: {
            required: ['data'],
            properties: {
              data: {
                type: 'array',
                items: {
                  oneOf: [
                    { $ref: '#/components/schemas/GetShelfBook' },
                    { $ref: '#/components/schemas/Magazine' },
                  ],
                  discriminator: {
                    propertyName: '__typename',
                    mapping: { Magazine: '#/components/schemas/Magazine' },
                  },
                },
              },
            },
          },
        },
      },
    },
  })
  expect(schemas.Magazine).toMatchObject({
    properties: { __typename: { type: 'string', const: 'Magazine' } },
    required: ['__typename', 'id', 'issue'],
  })
})

it('tells credentials and scopes by the access rules', () => {
  const security = (path: string, method = 'get') => document.paths[path]?.[method]?.security
  expect(security('/v1/books')).toEqual([{}, { apiKey: [] }, { bearer: [] }])
  expect(security('/v1/me')).toEqual([{ apiKey: [] }, { bearer: [] }])
  expect(security('/v1/vault')).toEqual([
    { apiKey: ['vault:open', 'vault:see'] },
    { bearer: ['vault:open', 'vault:see'] },
    { apiKey: ['admin'] },
    { bearer: ['admin'] },
  ])
  expect(security('/v1/books/{id}/loans', 'post')).toEqual([
    { apiKey: ['books:lend'] },
    { bearer: ['books:lend'] },
  ])
  expect(document.paths['/v1/vault']?.get?.description).toBe(
    'Needs the scope vault:open and vault:see, or admin.',
  )
})

it('tells typed errors by their status, with what they carry', () => {
  const responses = document.paths['/v1/books/{id}/loans']?.post?.responses
  expect(Object.keys(responses ?? {})).toEqual([
    '201',
    '400',
    '401',
    '403',
    '404',
    '409',
    '422',
    '429',
    '500',
    '503',
    '504',
  ])
  expect(responses).toMatchObject({
    409: {
      description: 'LentError',
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { properties: { error: { $ref: '#/components/schemas/LentError' } } },
            ],
          },
        },
      },
    },
  })
  expect(schemas.LentError).toMatchObject({
    description: 'Returned when somebody else has it.',
    properties: { __typename: { const: 'LentError' }, status: { type: 'integer' } },
  })
})

it('leaves the names of types to them, when a fragment of another type has the same', () => {
  const books = libraryFiles['books.graphql']
    ?.replaceAll('...Book ', '...Order ')
    .replace('fragment Book', 'fragment Order')
  using other = temporaryFolder({ ...libraryFiles, 'books.graphql': books ?? '' })
  const { components } = readApi(other.path, librarySupergraph()).document
  expect(components.schemas?.Order).toMatchObject({ enum: ['TITLE', 'NEWEST'] })
  expect(components.schemas?.Book).toMatchObject({ required: ['id', 'title'] })
})
