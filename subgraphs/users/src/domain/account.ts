import { invalidInput, weakPassword } from './errors.ts'

/** OWASP's Authentication Cheat Sheet asks for 8 with a second factor, more without; we have none yet. */
export const MIN_PASSWORD_LENGTH = 10
/** Hashing takes time in proportion; nobody remembers a longer one. */
const MAX_PASSWORD_LENGTH = 256
const MAX_NAME_LENGTH = 80

export interface Registration {
  readonly displayName: string
  readonly email: string | null
  readonly phone: string | null
  readonly password: string
}

/** The registration in the form in which it is stored and compared, or why it cannot be accepted. */
export function decideRegistration(input: {
  readonly displayName: string
  readonly email?: string | null | undefined
  readonly phone?: string | null | undefined
  readonly password: string
}) {
  const displayName = input.displayName.trim()
  const email = normaliseEmail(input.email)
  const phone = normalisePhone(input.phone)
  const password = input.password.normalize('NFKC')

  if (displayName === '' || displayName.length > MAX_NAME_LENGTH || hasControls(displayName)) {
    return invalidInput('displayName', `A name has 1 to ${MAX_NAME_LENGTH} characters.`)
  }
  if (email === null && phone === null) {
    return invalidInput('email', 'An account needs an e-mail address or a phone number.')
  }
  if (email !== null && !isEmail(email)) return invalidInput('email', 'This is not an e-mail address.')
  if (phone !== null && !isPhone(phone)) {
    return invalidInput('phone', 'A phone number is written as +8613800138000.')
  }
  if (isWeak(password, [email, phone])) return weakPassword(MIN_PASSWORD_LENGTH)
  if (password.length > MAX_PASSWORD_LENGTH) {
    return invalidInput('password', `A password has at most ${MAX_PASSWORD_LENGTH} characters.`)
  }
  return { displayName, email, phone, password } satisfies Registration
}

/** What a login is looked up by: a phone number or an e-mail address. What is neither is the empty one, which nobody has. */
export function readLogin(login: string): { email: string } | { phone: string } {
  const phone = normalisePhone(login)
  if (phone !== null && isPhone(phone)) return { phone }
  const email = normaliseEmail(login)
  return { email: email !== null && isEmail(email) ? email : '' }
}

/** A password as it is hashed. Null when it is longer than any that was ever accepted. */
export function readPassword(password: string): string | null {
  const normal = password.normalize('NFKC')
  return normal.length <= MAX_PASSWORD_LENGTH ? normal : null
}

function normaliseEmail(email: string | null | undefined): string | null {
  return email?.trim().toLowerCase() || null
}

function normalisePhone(phone: string | null | undefined): string | null {
  return phone?.replace(/[\s().-]/g, '') || null
}

/** Enough to catch slips; that the address is theirs only a message to it could show. */
function isEmail(email: string): boolean {
  return email.length <= 254 && /^[^\s\p{Cc}@"<>]{1,64}@([a-z0-9-]+\.)+[a-z0-9-]{2,63}$/u.test(email)
}

/** E.164. */
function isPhone(phone: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(phone)
}

export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

function isWeak(password: string, logins: readonly (string | null)[]): boolean {
  const lower = password.toLowerCase()
  return (
    password.length < MIN_PASSWORD_LENGTH ||
    new Set(lower).size < 4 ||
    commonPasswords.has(lower) ||
    logins.includes(lower)
  )
}

/** Those of the usual lists that are long enough to pass the first test. */
const commonPasswords: ReadonlySet<string> = new Set([
  '1234567890',
  '0123456789',
  '0987654321',
  '12345678910',
  '123456789a',
  '1q2w3e4r5t',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'qwertyuiop',
  'qwerty12345',
  'qwerty123456',
  'qwerty1234567890',
  'password12',
  'password123',
  'password1234',
  'passw0rd123',
  'p@ssword123',
  'iloveyou123',
  'letmein1234',
  'welcome1234',
  'admin12345',
  'administrator',
  'changeme123',
  'abcdefghij',
  'abcdef123456',
  'abc1234567',
  'asdfghjkl1',
  'zxcvbnm123',
  'football123',
  'superman123',
  'sunshine123',
  'princess123',
  'woaini1314',
  'woaini520520',
  '5201314520',
])
