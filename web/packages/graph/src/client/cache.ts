import { InMemoryCache } from '@apollo/client/core'
import type { FieldFunctionOptions, Reference, StoreObject } from '@apollo/client/core'
import { relayStylePagination } from '@apollo/client/utilities'
import result from '../generated/possible-types.ts'

/** The normalised cache with what the schema cannot say: which lists are pages, and that stock has versions. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    possibleTypes: result.possibleTypes,
    typePolicies: {
      Query: {
        fields: {
          products: relayStylePagination(['search']),
          orders: relayStylePagination(['status', 'customerId']),
          order: { read: (_, options) => toReference('Order', options) },
          sku: { read: (_, options) => toReference('Sku', options) },
        },
      },
      Order: {
        fields: {
          saga: { merge: false },
          lines: { merge: false },
          shipments: { merge: false },
          timeline: { merge: false },
        },
      },
      Stock: { merge: mergeStock },
      Money: { merge: true },
    },
  })
}

function toReference(typename: string, { args, toReference }: FieldFunctionOptions): Reference | undefined {
  return toReference({ __typename: typename, id: String(args?.id) })
}

/** A slow answer must not overwrite what a subscription has told since: the higher version stays. */
function mergeStock(
  existing: StoreObject | undefined,
  incoming: StoreObject,
  { readField, mergeObjects }: FieldFunctionOptions,
): StoreObject {
  if (!existing) return incoming
  const isOlder = Number(readField('version', incoming)) < Number(readField('version', existing))
  return isOlder ? mergeObjects(incoming, existing) : mergeObjects(existing, incoming)
}
