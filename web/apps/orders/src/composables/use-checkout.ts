import { problemOf } from '@mall/web-graph'
import { useSessionStorage } from '@vueuse/core'
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { addressFields, emptyAddress, problemOfField, toAddressInput } from '../checkout/address.ts'
import type { AddressField, AddressForm } from '../checkout/address.ts'
import { forgetAttempt, keyOfAttempt } from '../checkout/attempt.ts'
import type { AttemptMemory } from '../checkout/attempt.ts'
import { usePlaceOrderMutation } from '../generated/composables.ts'
import type { PaymentMethod, PlaceOrderMutation } from '../generated/documents.ts'
import { useCart } from './use-cart.ts'

type Refusal = Exclude<PlaceOrderMutation['placeOrder'], { __typename: 'Order' }>

/** Ordering what is in the cart: the address, the payment, sending it once, and the sentences where it was refused. */
export function useCheckout() {
  const { t } = useI18n()
  const router = useRouter()
  const cart = useCart()
  // For this tab only: an address is nobody's business on a shared machine.
  const address = useSessionStorage<AddressForm>('mall.address', emptyAddress(), { mergeDefaults: true })
  const paymentMethod = ref<PaymentMethod>('SANDBOX')
  const busy = ref(false)
  const tried = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  const fault = ref<string | null>(null)
  const { mutate } = usePlaceOrderMutation()

  const refusedField = computed(() =>
    refusal.value?.__typename === 'InvalidInputError' ? refusal.value.field : '',
  )
  const isAddressField = computed(() =>
    addressFields.some((field) => refusedField.value === `shippingAddress.${field}`),
  )

  function errorAt(field: AddressField): string | null {
    const problem = tried.value ? problemOfField(address.value, field) : null
    if (problem) return t(`orders.checkout.invalid.${problem}`)
    return refusedField.value === `shippingAddress.${field}` ? t('orders.checkout.invalid.refused') : null
  }

  /** What is wrong with the whole of it. */
  const error = computed(() => {
    if (fault.value) return t(`orders.checkout.problem.${fault.value}`)
    return refusal.value && !isAddressField.value
      ? t(`orders.checkout.problem.${refusal.value.__typename}`)
      : null
  })

  async function place() {
    tried.value = true
    if (busy.value || addressFields.some((field) => problemOfField(address.value, field))) return
    busy.value = true
    refusal.value = null
    fault.value = null
    try {
      await send()
    } finally {
      busy.value = false
    }
  }

  async function send() {
    const lines = cart.entries.value.map(({ skuId, quantity }) => ({ skuId, quantity }))
    const order = {
      lines,
      shippingAddress: toAddressInput(address.value),
      paymentMethod: paymentMethod.value,
    }
    const idempotencyKey = keyOfAttempt(attempt, order, () => crypto.randomUUID())
    const answer = await mutate({ input: { ...order, idempotencyKey } }).catch((error: object) => {
      fault.value = problemOf(error)
      return null
    })
    const result = answer?.data?.placeOrder
    if (!result) {
      fault.value ??= 'fault'
      return
    }
    if (result.__typename !== 'Order') {
      refusal.value = result
      // Nothing was ordered: after a change this is another attempt.
      forgetAttempt(attempt)
      return
    }
    forgetAttempt(attempt)
    await router.replace({ name: 'order', params: { id: result.id } })
    cart.takeOut(lines)
  }

  return { ...cart, address, paymentMethod, busy, error, errorAt, place }
}

const attempt: AttemptMemory = {
  get: () => sessionStorage.getItem('mall.checkout'),
  set: (value) =>
    value === null
      ? sessionStorage.removeItem('mall.checkout')
      : sessionStorage.setItem('mall.checkout', value),
}
