/** One measure. Texts are shown as they are; `isMet` is null where there is no goal. */
export interface Row {
  measure: string
  ours: string
  transaction?: string
  statement?: string
  ratio?: string
  goal?: string
  isMet?: boolean | null
}

const headings = ['measure', 'ours', 'sync (a)', 'sync (b)', 'ratio', 'goal', 'met?']

/** A table in Markdown, padded so that it can also be read as it is. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [headings, ...rows.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = cells
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

const cellsOf = ({ measure, ours, transaction, statement, ratio, goal, isMet }: Row) => [
  measure,
  ours,
  transaction ?? '',
  statement ?? '',
  ratio ?? '',
  goal ?? '',
  isMet === undefined || isMet === null ? '' : isMet ? 'yes' : 'no',
]
