/** Who asks, as the router established it. Scopes are the permissions of the roles at the time of the request. */
export interface Viewer {
  readonly id: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly sessionId: string
}
