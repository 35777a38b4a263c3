import type { OrderStatus } from './order.ts'

/** A SKU with too few units. */
export interface Shortage {
  skuId: string
  requested: number
  available: number
}

/** Returned when an input field cannot be accepted; `field` is its path, such as `lines.0.quantity`. */
export const invalidInput = (field: string, message: string) =>
  ({ __typename: 'InvalidInputError', field, message }) as const

/** Returned when a SKU is unknown or no longer sold. */
export const skuUnavailable = (skuId: string) =>
  ({ __typename: 'SkuUnavailableError', skuId, message: 'This article is not sold any more.' }) as const

/** Returned when fewer units are free than were asked for. `shortages[].available` is what could be had now. */
export const insufficientStock = (shortages: Shortage[]) =>
  ({
    __typename: 'InsufficientStockError',
    shortages,
    message: shortages.length === 1 ? 'There are not enough units left.' : 'Several articles are short.',
  }) as const

/** Returned when an admission token is missing, expired, forged or used. */
export const admissionInvalid = () =>
  ({
    __typename: 'AdmissionInvalidError',
    message: 'Enter the flash sale first, then order at once.',
  }) as const

/** Returned when an idempotency key comes again with other input. */
export const idempotencyConflict = () =>
  ({
    __typename: 'IdempotencyConflictError',
    message: 'This idempotency key was used for another order. Use a new key for a new order.',
  }) as const

/** Returned when there is no such order for the viewer. */
export const orderNotFound = () =>
  ({ __typename: 'NotFoundError', message: 'There is no such order.' }) as const

/** Returned when an order has come too far to be cancelled, or has ended. */
export const orderNotCancellable = (status: OrderStatus) =>
  ({
    __typename: 'OrderNotCancellableError',
    status,
    message: 'This order can no longer be cancelled.',
  }) as const
