export { guardSchema } from './guard.ts'
export { directiveNamesOf, requirementOf, type DirectiveNames, type Requirement } from './requirement.ts'
export { createDecision, denied, type AccessContext, type Decide, type Policies } from './rules.ts'
export type { Viewer } from './viewer.ts'
