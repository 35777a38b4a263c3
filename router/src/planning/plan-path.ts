/** A path of a plan: keys, and `@` for every item of a list. */
export type PlanPath = readonly string[]
