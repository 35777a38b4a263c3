import type { AnyEvent, EventType } from '@mall/contracts'
import type { SkuSnapshots } from '../data/sku-snapshots.ts'
import { notificationTopics, type NotificationParticipant } from '../participants/notification/participant.ts'
import { paymentTopics, type PaymentParticipant } from '../participants/payment/participant.ts'
import { warehouseTopics, type WarehouseParticipant } from '../participants/warehouse/participant.ts'
import type { Incoming, SagaManager } from '../saga/manager.ts'
import { placeOrder } from '../saga/place-order.ts'

/** One consumer group: the topics it reads and what it does with a batch of their events. */
export interface Consumption {
  group: string
  topics: readonly EventType[]
  handle(events: readonly AnyEvent[]): Promise<void>
  /** Orders can only be taken once this has been read to its end. */
  neededAtStart?: boolean
}

/** All that orders listens to. Its participants are groups of their own, so that they can move out one day. */
export function consumptions(parts: {
  saga: SagaManager
  payment: PaymentParticipant
  warehouse: WarehouseParticipant
  notification: NotificationParticipant
  skus: SkuSnapshots
}): Consumption[] {
  const { saga, payment, warehouse, notification, skus } = parts
  return [
    { group: 'orders-saga', topics: sagaTopics, handle: (events) => saga.handle(events.map(incomingOf)) },
    { group: 'orders-payment', topics: paymentTopics, handle: payment.handle },
    { group: 'orders-warehouse', topics: warehouseTopics, handle: warehouse.handle },
    { group: 'orders-notification', topics: notificationTopics, handle: notification.handle },
    {
      group: 'orders-warehouse-stock',
      topics: ['stock-adjusted'],
      handle: warehouse.handle,
      neededAtStart: true,
    },
    {
      group: 'orders-catalogue',
      topics: ['catalogue-changed'],
      handle: (events) =>
        skus.saveCatalogue(
          events.filter((event) => event.type === 'catalogue-changed').map(({ data }) => data),
        ),
      neededAtStart: true,
    },
    {
      group: 'orders-stock-hint',
      topics: ['stock-changed'],
      handle: (events) =>
        skus.saveStock(events.filter((event) => event.type === 'stock-changed').map(({ data }) => data)),
    },
  ]
}

const sagaTopics: readonly EventType[] = [
  ...placeOrder.flatMap(({ done, failed, undone }) => [done, failed, ...undone]),
  'payment-initiated',
  'payment-refund-failed',
]

function incomingOf(cause: AnyEvent): Incoming {
  const { data, type } = cause
  if (!('orderId' in data)) throw new Error(`${type} is not about an order`)
  const event = {
    type,
    ...('reason' in data && { reason: data.reason }),
    ...('refundId' in data && { refundId: data.refundId }),
  }
  return { orderId: BigInt(data.orderId), event, cause }
}
