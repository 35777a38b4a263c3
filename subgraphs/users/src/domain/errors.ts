/** Returned when an account with this e-mail or phone exists. */
export const loginTaken = () =>
  ({
    __typename: 'LoginTakenError',
    message: 'An account with this e-mail or phone number already exists.',
  }) as const

/** Returned when a password is too short or too common. */
export const weakPassword = (minLength: number) =>
  ({
    __typename: 'WeakPasswordError',
    message: `Choose a password of at least ${minLength} characters that is not a common one.`,
    minLength,
  }) as const

/** Returned when an input field cannot be accepted; `field` is its path in the input. */
export const invalidInput = (field: string, message: string) =>
  ({ __typename: 'InvalidInputError', message, field }) as const

/** Returned when login or password is wrong; does not say which. */
export const wrongCredentials = () =>
  ({ __typename: 'WrongCredentialsError', message: 'The login or the password is wrong.' }) as const

/** Returned when one login was tried too often with a wrong password. */
export const tooManyAttempts = (retryAfterSeconds: number) =>
  ({
    __typename: 'TooManyAttemptsError',
    message: 'There were too many attempts with this login. Try again later.',
    retryAfterSeconds,
  }) as const

/** Returned when a refresh token is unknown, expired, used before or its session has ended. */
export const sessionExpired = () =>
  ({ __typename: 'SessionExpiredError', message: 'The session has ended. Sign in again.' }) as const

/** Returned when the thing named does not exist. */
export const notFound = (what: string) =>
  ({ __typename: 'NotFoundError', message: `There is no ${what}.` }) as const
