import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom, type Random } from '../differential/random.ts'
import { startHostile } from './start-hostile.ts'

/** `FUZZ_REQUESTS=20000 FUZZ_SEED=2 npx vitest run router/test/hostile/fuzz.test.ts` for more, or others. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 600)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

let router: Awaited<ReturnType<typeof startHostile>>
beforeAll(async () => {
  router = await startHostile()
})
afterAll(() => router.close())

const operations = [
  '{ hello }',
  'query A($id: ID = "1", $text: String) { node(id: $id, text: $text) { id text node { ...F } } } fragment F on Node { text }',
  'query ($json: In, $list: [[Int]]) { node(json: $json, list: $list) { id @skip(if: false) } again: hello }',
  'mutation M($text: String) { touch(text: $text) }',
  '{ __schema { types { name } } }',
]
const variables = ['{}', '{"id":1,"text":"x"}', '{"json":{"in":{"text":"x"}},"list":[[1],[2,null]]}', 'null']
const pieces =
  '{ } ( ) [ ] ! $ @ : = | & ... "" """ # \\ \0 \ud800 \u202e é __proto__ constructor query fragment on null -0 1e999 9999999999 @include(if: $x) {a:{a:{a:1}}} [[[[1]]]]'.split(
    ' ',
  )
const headerPieces = [
  '*/*',
  'application/json',
  'application/graphql-response+json;q=0',
  'text/event-stream',
  'é',
  ',;q=',
  'x'.repeat(500),
]

/** Takes a part out, doubles it, turns it around, or puts something in. */
function mutate(text: string, random: Random): string {
  const from = random.below(text.length + 1)
  const to = Math.min(text.length, from + random.below(12))
  const [before, part, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)]
  return random.pick([
    before + after,
    before + part.repeat(3) + after,
    before + [...part].reverse().join('') + after,
    before + random.pick(pieces) + after,
    `${before} ${random.pick(pieces)} ${part}${after}`,
  ])
}

function requestOf(random: Random): { body: string; headers: Record<string, string> } {
  const often = (text: string) => {
    let mutated = text
    while (random.chance(0.45)) mutated = mutate(mutated, random)
    return mutated
  }
  const query = JSON.stringify(often(random.pick(operations)))
  const body = `{"query":${query},"variables":${often(random.pick(variables))},"operationName":${random.pick(['null', 'null', 'null', '"A"', '"__proto__"'])}}`
  return {
    body: random.chance(0.1) ? mutate(body, random) : body,
    headers: random.chance(0.3)
      ? {
          [random.pick(['accept', 'x-forwarded-for', 'authorization', 'content-type'])]:
            random.pick(headerPieces),
        }
      : {},
  }
}

it(`${REQUESTS} mutated requests end in no status of a fault of ours, and in JSON`, async () => {
  const random = createRandom(SEED)
  const statuses = new Map<number, number>()
  for (let i = 0; i < REQUESTS; i += 1) {
    const { body, headers } = requestOf(random)
    const response = await fetch(`${router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    const text = await response.text()
    const what = `request ${i} of seed ${SEED}: ${body} ${JSON.stringify(headers)}: ${text}`
    expect(response.status, what).toBeLessThan(500)
    expect(text, what).not.toContain('INTERNAL_SERVER_ERROR')
    if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
      expect(() => JSON.parse(text) as unknown, what).not.toThrow()
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
  }
  // It is neither all refused nor all let through.
  expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 10)
  expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 10)
  expect(router.isAlive()).toBe(true)
}, 60_000)
