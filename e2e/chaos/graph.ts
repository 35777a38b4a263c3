import { setTimeout as sleep } from 'node:timers/promises'

/** Calls the graph as a client in a storm does: again, at another router, until there is an answer. */
export interface Caller {
  /** Resolves with the data of the first answer without errors; null when the storm outlasts the caller's patience. */
  call<Data>(token: string, query: string, variables: object): Promise<{ data: Data; sends: number } | null>
  signIn(login: string): Promise<string | null>
  /** From now on nothing is sent again after this moment. */
  giveUpAt(time: number): void
}

const answerWithinMs = 8_000
const longestWaitMs = 2_000

/** Makes a caller of these routers, which take turns. */
export function createCaller(routers: readonly string[]): Caller {
  let turn = 0
  let end = Infinity

  async function insist<T>(
    send: (router: string) => Promise<T>,
  ): Promise<{ result: T; sends: number } | null> {
    for (let sends = 1; ; sends += 1) {
      turn += 1
      try {
        return { result: await send(routers[turn % routers.length] ?? ''), sends }
      } catch {
        if (Date.now() > end) return null
        await sleep(Math.min(150 * 2 ** sends, longestWaitMs) * (0.5 + Math.random() / 2))
      }
    }
  }

  return {
    async call<Data>(token: string, query: string, variables: object) {
      const answer = await insist(async (router) => {
        const { data, errors } = (await post(
          `${router}/graphql`,
          { query, variables },
          { authorization: `Bearer ${token}` },
        )) as { data?: Data | null; errors?: unknown }
        if (errors || !data) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
        return data
      })
      return answer && { data: answer.result, sends: answer.sends }
    },
    async signIn(login) {
      const answer = await insist(
        async (router) =>
          (await post(`${router}/auth/login`, { login, password: 'mall-demo-2026' })) as {
            accessToken: string
          },
      )
      return answer?.result.accessToken ?? null
    },
    giveUpAt: (time) => void (end = time),
  }
}

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}
