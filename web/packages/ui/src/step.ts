/** A step of something that runs, as UiStepper draws it. */
export interface Step {
  readonly key: string
  readonly label: string
  readonly state: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'COMPENSATED' | 'SKIPPED'
  /** Such as when it was done, or why it failed. */
  readonly note?: string | null
}
