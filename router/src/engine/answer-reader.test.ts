import { expect, it } from 'vitest'
import { AnswerReader, type ReadAnswer } from './answer-reader.ts'
import { AnswerTooLong } from './exchange.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`
const kept = { status: 200, cacheControl: undefined, keepAliveMs: 4_000 }

/** What is read of an answer that comes in pieces of so many bytes, and whether nothing of it is left. */
function read(text: string, step = Infinity, maxBytes = 100) {
  const answers: ReadAnswer[] = []
  const reader = new AnswerReader((answer) => answers.push(answer))
  reader.maxBytes = maxBytes
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += step) reader.read(bytes.subarray(at, at + step))
  const { isBetween } = reader
  reader.end()
  return { answers, isBetween }
}

it.each([
  ['a length', `${ok}Content-Length: 3\r\n\r\né!`, { ...kept, text: 'é!' }],
  ['a length of none', `${ok}content-length:0\r\n\r\n`, { ...kept, text: '' }],
  ['chunks', `${chunked}3;x=y\r\n{"a\r\n3\r\n":1\r\n1\r\n}\r\n0\r\n\r\n`, { ...kept, text: '{"a":1}' }],
  ['chunks and trailers', `${chunked}A\r\n0123456789\r\n0\r\nx: y\r\n\r\n`, { ...kept, text: '0123456789' }],
  [
    'interim answers',
    `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${ok}content-length: 1\r\n\r\n1`,
    { ...kept, text: '1' },
  ],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', { ...kept, status: 204, text: '' }],
  [
    'headers that matter',
    'HTTP/1.1 503 No\r\nCache-Control: max-age=3\r\nKeep-Alive: timeout=20, max=5\r\ncontent-length: 1\r\n\r\n1',
    { status: 503, text: '1', cacheControl: 'max-age=3', keepAliveMs: 19_000 },
  ],
  [
    'a last answer',
    `${ok}Connection: close\r\nContent-Length: 1\r\n\r\n1`,
    { ...kept, text: '1', keepAliveMs: 0 },
  ],
  [
    'the older version',
    'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n1',
    { ...kept, text: '1', keepAliveMs: 0 },
  ],
])('reads an answer with %s, in whatever pieces it comes', (_what, text, answer) => {
  for (const step of [1, 2, 7, 50, Infinity])
    expect(read(text, step)).toEqual({ answers: [answer], isBetween: true })
})

it('reads a body that ends with the connection', () => {
  for (const step of [1, 9, Infinity])
    expect(read(`${ok}\r\n{"a":1}`, step)).toEqual({
      answers: [{ ...kept, text: '{"a":1}', keepAliveMs: 0 }],
      isBetween: false,
    })
})

it('takes what is not whole for no answer', () => {
  for (const text of [
    'HTTP/1.1 200',
    `${ok}content-length: 9\r\n\r\n12345678`,
    `${chunked}3\r\nabc\r\n`,
    `${chunked}0\r\n`,
  ])
    expect(read(text, 5)).toEqual({ answers: [], isBetween: false })
})

it.each([
  ['what is no HTTP', 'SSH-2.0\r\n\r\n', 'no answer of HTTP/1.1'],
  ['a version that it does not speak', 'HTTP/2.0 200 OK\r\n\r\n', 'no answer of HTTP/1.1'],
  ['a chunk without a length', `${chunked}x\r\n`, 'has no length'],
  ['a negative length', `${ok}content-length: -1\r\n\r\n`, 'has no length'],
  ['a length that is no number', `${ok}content-length: 1, 2\r\n\r\n`, 'has no length'],
  ['a head without an end', ok.padEnd(20_000, 'x'), 'too long'],
])('refuses %s', (_what, text, problem) => {
  for (const step of [1_000, Infinity]) expect(() => read(text, step)).toThrow(problem)
})

it('reads no more of a body than it may', () => {
  for (const text of [
    `${ok}content-length: 101\r\n\r\n`,
    `${chunked}40\r\n${'x'.repeat(64)}\r\n40\r\n`,
    `${ok}\r\n${'x'.repeat(101)}`,
  ])
    expect(() => read(text, 30)).toThrow(AnswerTooLong)
})
