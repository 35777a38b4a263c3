import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { OrderWithHistory } from '../data/read-model.ts'
import { derived } from '../history/compare.ts'
import type { StoredEvent } from '../history/stored-event.ts'
import type { SagaState } from '../saga/state.ts'

/** The history of an order as the code of its day wrote it, and what became of the order by it. */
export interface Fixture {
  recordedAt: string
  content: Pick<SagaState, 'total' | 'lines'>
  history: StoredEvent[]
  expected: Pick<SagaState, (typeof derived)[number]>
}

const folder = join(import.meta.dirname, '..', 'saga', 'fixtures')

/** Names of all that are recorded. */
export const fixtureNames = () => readdirSync(folder).map((file) => basename(file, '.json'))

export const readFixture = (name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Fixture

/** Records what stands in the database. Never over an older one: that is what it was recorded for. */
export function writeFixture(name: string, { order, history }: OrderWithHistory): void {
  const { total, lines } = order
  const fixture: Fixture = {
    recordedAt: new Date().toISOString(),
    content: { total, lines: lines.map(({ skuId, quantity }) => ({ skuId, quantity })) },
    history,
    expected: statePart(order),
  }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(fixture, null, 2)}\n`, { flag: 'wx' })
}

/** What of a state follows from its history. */
export const statePart = (state: SagaState) =>
  Object.fromEntries(derived.map((field) => [field, state[field]])) as Fixture['expected']
