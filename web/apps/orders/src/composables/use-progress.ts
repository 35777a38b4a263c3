import { useFormat } from '@mall/web-ui'
import type { Step } from '@mall/web-ui'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { OrderProgressFragment, OrderStatus, SagaStepName } from '../generated/documents.ts'

const confirmed: readonly OrderStatus[] = ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'REFUNDED']
const undone: readonly OrderStatus[] = ['CANCELLING', 'CANCELLED']

/** The saga of an order as steps to draw, with the end that all of it is for. */
export function useProgress(order: () => OrderProgressFragment) {
  const { t, te, locale } = useI18n()
  const { time } = useFormat()

  const steps = computed<Step[]>(() => [
    ...order().saga.map(({ name, status, finishedAt, error }) => ({
      key: name,
      label: t(`orders.step.${name}`),
      state: status,
      note: status === 'FAILED' ? describeFailure(name, error) : finishedAt && time(finishedAt),
    })),
    { key: 'CONFIRMED', label: t('orders.order.confirmed'), state: stateOfEnd(order().status) },
  ])

  /** The graph speaks English; other readers get the usual reason. */
  function describeFailure(name: SagaStepName, error: string | null): string {
    return error && locale.value === 'en' ? error : t(`orders.failed.${name}`)
  }

  /** Newest first. */
  const events = computed(() =>
    [...order().timeline].reverse().map(({ id, type, at, summary }) => ({
      id,
      at,
      text: te(`orders.event.${type}`) ? t(`orders.event.${type}`) : summary,
    })),
  )
  return { steps, events }
}

function stateOfEnd(status: OrderStatus): Step['state'] {
  if (confirmed.includes(status)) return 'DONE'
  return undone.includes(status) ? 'SKIPPED' : 'PENDING'
}
