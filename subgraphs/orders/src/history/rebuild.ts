import type { OrderWithHistory, ReadModel, SalesDifference } from '../data/read-model.ts'
import { compare, type Difference } from './compare.ts'
import { UnreadableHistory } from './stored-event.ts'

/** What a rebuild needs from around it. */
export interface RebuildOptions {
  readModel: ReadModel
  /** Only look. */
  isDryRun: boolean
  clock(): Date
  /** Tells caches and watchers that rows were corrected. */
  announce(orderIds: readonly bigint[]): Promise<void>
  /** Called for everything that is found, in no order. */
  onFinding(finding: Finding): void
  /** Called after every batch with the orders looked at so far. */
  onProgress?(orders: number): void
  /** Orders read at a time. @default 500 */
  batchSize?: number
}

/** Something that was found: a row that differs from its history, a history that cannot be read, a wrong count. */
export type Finding =
  | { kind: 'row'; orderId: bigint; fields: readonly string[] }
  | { kind: 'unreadable'; orderId: bigint; why: string }
  | ({ kind: 'sales' } & SalesDifference)

/** How much was looked at and found. `rows` and `sales` were corrected, unless it was a dry run. */
export interface RebuildReport {
  orders: number
  rows: number
  sales: number
  /** Left as they are. */
  unreadable: number
}

/** Beyond this many lost races somebody writes the same orders in a loop; they are then left to the next rebuild. */
const maxRaces = 20

/**
 * Rebuilds what is derived from the orders' histories while the system runs: the rows of all orders placed until now,
 * then what was sold. An order that moves meanwhile is simply read again.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { readModel, batchSize = 500, onFinding, onProgress } = options
  const report: RebuildReport = { orders: 0, rows: 0, sales: 0, unreadable: 0 }
  const until = await readModel.newestId()
  for (let after = 0n; ;) {
    const page = await readModel.page(after, until, batchSize)
    const last = page.at(-1)
    if (!last) break
    after = last.order.id
    report.orders += page.length
    await rebuildRows(page, options, (finding) => {
      if (finding.kind === 'row') report.rows += 1
      else report.unreadable += 1
      onFinding(finding)
    })
    onProgress?.(report.orders)
  }
  const sales = await (options.isDryRun ? readModel.findSalesDifferences() : readModel.correctSales())
  for (const difference of sales) onFinding({ kind: 'sales', ...difference })
  return { ...report, sales: sales.length }
}

async function rebuildRows(
  page: readonly OrderWithHistory[],
  { readModel, isDryRun, clock, announce }: RebuildOptions,
  onFinding: (finding: Exclude<Finding, { kind: 'sales' }>) => void,
): Promise<void> {
  let open = page
  for (let race = 0; open.length > 0; race += 1) {
    if (race === maxRaces)
      throw new Error(
        `Orders ${open.map(({ order }) => order.id).join(', ')} are moved by others without end`,
      )
    const wrong = open.flatMap((one) => differenceOf(one, onFinding) ?? [])
    const corrections = wrong.map(({ correction }) => correction)
    const written = isDryRun
      ? new Set(corrections.map(({ id }) => id))
      : await readModel.correct(corrections, clock())
    if (!isDryRun && written.size > 0) await announce([...written])
    for (const { fields, correction } of wrong)
      if (written.has(correction.id)) onFinding({ kind: 'row', orderId: correction.id, fields })
    open = await readModel.findMany(corrections.flatMap(({ id }) => (written.has(id) ? [] : [id])))
  }
}

function differenceOf(
  one: OrderWithHistory,
  onFinding: (finding: Extract<Finding, { kind: 'unreadable' }>) => void,
): Difference | null {
  try {
    return compare(one)
  } catch (error) {
    if (!(error instanceof UnreadableHistory)) throw error
    onFinding({ kind: 'unreadable', orderId: one.order.id, why: error.message })
    return null
  }
}
