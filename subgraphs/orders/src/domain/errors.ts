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

/** Returned when an order has nothing that could be given back: unpaid, undone or refunded already. */
export const orderNotRefundable = (status: OrderStatus) =>
  ({
    __typename: 'OrderNotRefundableError',
    status,
    message: 'There is nothing left to refund. An order that is not confirmed yet is cancelled instead.',
  }) as const

/** Returned when an order is not confirmed, or has left already. */
export const orderNotShippable = (status: OrderStatus) =>
  ({
    __typename: 'OrderNotShippableError',
    status,
    message: 'Only a confirmed order can be shipped, once.',
  }) as const

/** Returned when an order is not on its way. */
export const orderNotDeliverable = (status: OrderStatus) =>
  ({
    __typename: 'OrderNotDeliverableError',
    status,
    message: 'Only a shipped order can be delivered.',
  }) as const

/** Returned when an order was never shipped, so that nothing of it can come back. */
export const orderNotReturnable = (status: OrderStatus) =>
  ({
    __typename: 'OrderNotReturnableError',
    status,
    message: 'Only goods that were shipped can come back.',
  }) as const
