import { ApolloClient, ApolloLink, InMemoryCache, Observable } from '@apollo/client/core'
import { print } from 'graphql'
import { expect, it } from 'vitest'
import { CancelOrder, OrderDetail, PlaceOrder } from '../../../apps/orders/src/generated/documents.ts'
import { ProductDetail } from '../../../apps/products/src/generated/documents.ts'
import { StockChanged } from '../src/generated/documents.ts'
import { readSentOperations } from './sent-operations.ts'

it('knows the texts exactly as Apollo Client sends them', async () => {
  const sent: string[] = []
  const link = new ApolloLink(({ query }) => {
    sent.push(print(query))
    return Observable.of({ data: {} })
  })
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  for (const query of [OrderDetail, ProductDetail])
    await client.query({ query, fetchPolicy: 'no-cache', errorPolicy: 'all' })
  for (const mutation of [PlaceOrder, CancelOrder]) await client.mutate({ mutation, fetchPolicy: 'no-cache' })
  client.subscribe({ query: StockChanged, fetchPolicy: 'no-cache' }).subscribe(() => undefined)

  const known = await readSentOperations()
  expect(sent).toHaveLength(5)
  expect(known).toEqual(expect.arrayContaining(sent))
})
