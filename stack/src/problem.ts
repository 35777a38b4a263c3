/** Something the person who started us can mend; its message says how. Printed without a stack. */
export class Problem extends Error {
  override readonly name = 'Problem'
}
