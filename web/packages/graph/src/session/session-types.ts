/** Who is signed in, as the sign-in routes tell it. What the account page shows comes from the graph. */
export interface SessionUser {
  readonly id: string
  readonly displayName: string
}

/** A signed-in session as this tab holds it: in memory only. The refresh token stays in an HttpOnly cookie. */
export interface Session {
  readonly accessToken: string
  /** By this machine's clock, epoch ms. */
  readonly expiresAt: number
  readonly user: SessionUser
}

/** Why signing in or registering was refused; `Unreachable` is the one that no server said. */
export interface AuthProblem {
  readonly type: string
  readonly message: string
  /** The field of the form that is meant, where one is. */
  readonly field?: string
  /** Least number of characters, with WeakPasswordError. */
  readonly minLength?: number
  /** With TooManyAttemptsError. */
  readonly retryAfterSeconds?: number
}

export type AuthResult = { readonly session: Session } | { readonly problem: AuthProblem }
