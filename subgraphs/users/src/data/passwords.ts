import { hash, verify } from '@node-rs/argon2'

/** Argon2id as OWASP's Password Storage Cheat Sheet gives it: 19 MiB, 2 passes, 1 lane. Argon2id is the library's default. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password, parameters)

/** Compares in the time of a comparison even when there is nothing to compare with: a missing account must not be faster. */
export async function verifyPassword(stored: string | null, password: string | null): Promise<boolean> {
  const matches = await verify(stored ?? (await nobody()), password ?? '', parameters)
  return matches && stored !== null && password !== null
}

/** Call at start, so that not even the first unknown login takes longer than the others. */
export const preparePasswords = (): Promise<string> => nobody()

let nobodysHash: Promise<string> | undefined

/** A hash that no password fits, made once with the same parameters. */
function nobody(): Promise<string> {
  nobodysHash ??= hashPassword(crypto.randomUUID())
  return nobodysHash
}
