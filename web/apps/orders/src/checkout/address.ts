import type { AddressInput } from '../generated/documents.ts'

export const addressFields = ['recipient', 'phone', 'region', 'city', 'line1', 'line2', 'postalCode'] as const
export type AddressField = (typeof addressFields)[number]
/** An address as it is typed: every field a text, maybe empty. */
export type AddressForm = Record<AddressField, string>

const optional: readonly AddressField[] = ['line2', 'postalCode']
const LONGEST = 200

export const emptyAddress = (): AddressForm => ({
  recipient: '',
  phone: '',
  region: '',
  city: '',
  line1: '',
  line2: '',
  postalCode: '',
})

export function isOptional(field: AddressField): boolean {
  return optional.includes(field)
}

/** What is wrong with a field, as a key of orders.checkout.invalid, or null. The server decides; this is for the hurried. */
export function problemOfField(form: AddressForm, field: AddressField): 'empty' | 'long' | 'phone' | null {
  const value = form[field].trim()
  if (value === '') return isOptional(field) ? null : 'empty'
  if (value.length > LONGEST) return 'long'
  return field === 'phone' && !/^\+?[\d\s()-]{5,25}$/.test(value) ? 'phone' : null
}

export function toAddressInput(form: AddressForm): AddressInput {
  return {
    recipient: form.recipient.trim(),
    phone: form.phone.trim(),
    region: form.region.trim(),
    city: form.city.trim(),
    line1: form.line1.trim(),
    line2: form.line2.trim() || null,
    postalCode: form.postalCode.trim() || null,
  }
}
