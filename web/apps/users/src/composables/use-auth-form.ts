import { useSession } from '@mall/web-graph'
import type { AuthProblem } from '@mall/web-graph'
import { focusInvalid } from '@mall/web-ui'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { safeNext } from './safe-next.ts'

/** Fields that each refusal is about, where it does not say so itself. */
const fieldOf: Record<string, string> = { LoginTakenError: 'email', WeakPasswordError: 'password' }

/** What signing in and registering share: sending once, sentences at the right field, going on to where one came from. */
export function useAuthForm(required: () => Record<string, string>, send: () => Promise<AuthProblem | null>) {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const busy = ref(false)
  const problem = ref<AuthProblem | null>(null)
  const sent = ref(false)

  const field = computed(() => problem.value && (problem.value.field ?? fieldOf[problem.value.type] ?? null))
  const sentence = computed(() => problem.value && describe(problem.value))

  function describe({ type, minLength, retryAfterSeconds }: AuthProblem): string {
    const known =
      type in
      { ...fieldOf, WrongCredentialsError: 0, TooManyAttemptsError: 0, InvalidInputError: 0, Unreachable: 0 }
    return t(`users.error.${known ? type : 'unknown'}`, {
      min: minLength ?? 10,
      seconds: retryAfterSeconds ?? 60,
    })
  }

  /** The sentence at a field: it is empty, or the server refused it. */
  function errorAt(name: string): string | null {
    if (sent.value && required()[name]?.trim() === '') return t('users.error.empty')
    return field.value === name ? sentence.value : null
  }

  async function submit(form: HTMLElement) {
    sent.value = true
    if (busy.value) return
    if (Object.values(required()).some((value) => value.trim() === '')) return focusInvalid(form)
    busy.value = true
    problem.value = await send()
    busy.value = false
    await (problem.value ? focusInvalid(form) : router.replace(safeNext(route.query.next)))
  }

  const formError = computed(() => (field.value ? null : sentence.value))
  return { busy, errorAt, formError, submit }
}

export function useSignIn() {
  const { logIn } = useSession()
  const login = ref('')
  const password = ref('')
  const form = useAuthForm(
    () => ({ login: login.value, password: password.value }),
    () => logIn({ login: login.value.trim(), password: password.value }),
  )
  return { login, password, ...form }
}

export function useRegistration() {
  const { register } = useSession()
  const displayName = ref('')
  const email = ref('')
  const password = ref('')
  const fields = () => ({ displayName: displayName.value, email: email.value, password: password.value })
  const form = useAuthForm(fields, () => register(fields()))
  return { displayName, email, password, ...form }
}
