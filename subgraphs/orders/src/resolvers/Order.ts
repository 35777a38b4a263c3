import type { OrderEventResolvers, OrderLineResolvers, OrderResolvers } from '../generated/graphql.ts'
import type { AllocationStatus } from '../participants/warehouse/warehouse-repository.ts'
import { needsAttention } from '../saga/state.ts'
import { summarize } from '../saga/summary.ts'
import { findVisibleOrder } from './visible-order.ts'

export const Order: OrderResolvers = {
  __resolveReference: ({ id }, context) => findVisibleOrder(id, context),
  id: ({ id }) => String(id),
  customer: ({ customerId }) => ({ id: customerId }),
  lines: ({ lines, currency }) => lines.map((line) => ({ ...line, currency })),
  total: ({ total, currency }) => ({ amount: total, currency }),
  payment: async ({ id }, _args, { loaders }) => {
    const payment = await loaders.payment.load(id)
    if (!payment?.terms) return null
    const { method, amount, currency } = payment.terms
    const { status, redirectUrl } = payment
    return {
      id: String(id),
      method,
      status,
      amount: { amount, currency },
      redirectUrl: status === 'INITIATED' ? redirectUrl : null,
    }
  },
  shipments: async ({ id }, _args, { loaders }) => {
    const allocation = await loaders.allocation.load(id)
    if (!allocation) return []
    const names = await Promise.all(
      allocation.allocations.map(({ warehouseId }) => loaders.warehouseNames.load(warehouseId)),
    )
    return allocation.allocations.map(({ warehouseId }, index) => ({
      id: `${id}-${warehouseId}`,
      warehouse: names[index] ?? warehouseId,
      status: shipmentStatus[allocation.status],
      trackingNumber: allocation.trackingNumber,
    }))
  },
  saga: ({ steps }) =>
    steps.map((step) => ({
      ...step,
      startedAt: dateOf(step.startedAt),
      finishedAt: dateOf(step.finishedAt),
      undo: step.undo && {
        ...step.undo,
        startedAt: new Date(step.undo.startedAt),
        finishedAt: dateOf(step.undo.finishedAt),
      },
    })),
  refunds: ({ refunds, currency }) =>
    refunds.map((refund) => ({
      ...refund,
      amount: { amount: refund.amount, currency },
      requestedAt: new Date(refund.requestedAt),
    })),
  needsAttention: (order) => needsAttention(order),
  timeline: ({ id }, _args, { loaders }) => loaders.timeline.load(id),
}

export const OrderLine: OrderLineResolvers = {
  sku: ({ skuId }) => ({ id: skuId }),
  unitPrice: ({ unitPrice, currency }) => ({ amount: unitPrice, currency }),
  total: ({ unitPrice, quantity, currency }) => ({ amount: unitPrice * quantity, currency }),
}

export const OrderEvent: OrderEventResolvers = {
  id: ({ orderId, version }) => `${orderId}-${version}`,
  summary: (event) => event.summary ?? summarize(event),
}

const shipmentStatus = {
  ALLOCATED: 'ALLOCATED',
  REJECTED: 'RELEASED',
  RELEASED: 'RELEASED',
  SHIPPED: 'SHIPPED',
  DELIVERED: 'DELIVERED',
} as const satisfies Record<AllocationStatus, string>

const dateOf = (at: string | null) => (at === null ? null : new Date(at))
