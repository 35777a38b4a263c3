import { nextTick } from 'vue'

/** Brings the first field that was refused into view and under the cursor; on a phone it may be screens away. */
export async function focusInvalid(form: HTMLElement | null): Promise<void> {
  await nextTick()
  const field = form?.querySelector('[aria-invalid]')
  if (field instanceof HTMLElement) field.focus()
}
