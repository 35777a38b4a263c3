export { guardSchema } from './guard.ts'
export {
  collectRules,
  deniedDecisions,
  guardOperation,
  pruneDenied,
  type GuardedOperation,
  type SupergraphRules,
} from './operation-rules.ts'
export { directiveNamesOf, requirementOf, type DirectiveNames, type Requirement } from './requirement.ts'
export { deniedFields, restoreDenied, type DeniedOperation } from './restore.ts'
export { createDecision, denied, type AccessContext, type Decide, type Policies } from './rules.ts'
export type { Viewer } from './viewer.ts'
