import { getIntrospectionQuery, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { checkLimits } from './check-limits.ts'
import { limitsSchema } from './config.ts'
import { measureDefinitions } from './measure.ts'

const measure = (text: string) => [...(measureDefinitions(parse(text))?.values() ?? [])]
const messages = (text: string, limits = {}) =>
  checkLimits(parse(text), limitsSchema.parse(limits)).errors.map(({ message }) => message)
const nested = (depth: number) => 'a {'.repeat(depth - 1) + 'a' + '}'.repeat(depth - 1)

describe('an operation is measured', () => {
  it('with its fragments written out', () => {
    const [measures] = measure(`
      query ($v: [I] = [[{a: 1}]] @d) @d { x: a { ...F ...F } ... @d { b } ...F }
      fragment F on T @d { y: a(v: {w: [1]}) @d { c } c }`)
    expect(measures).toEqual({
      depth: 3,
      nesting: 4,
      aliases: 4,
      directives: 9,
      fields: 11,
      inputDepth: 3,
      rootFields: 4,
      introspects: false,
    })
  })

  it('each by itself', () => {
    expect(measure('query A { a } query B { __schema { types { name } } }')).toMatchObject([
      { depth: 1, introspects: false },
      { depth: 3, introspects: true },
    ])
  })

  it('in the time of its text when fragments multiply', () => {
    const bomb = Array.from(
      { length: 500 },
      (_, i) => `fragment F${i} on T { a: b ...F${i + 1} ...F${i + 1} }`,
    )
    const [measures] = measure(`{ ...F0 } ${bomb.join(' ')} fragment F500 on T { b }`)
    expect(measures?.fields).toBeGreaterThan(1e100)
    expect(measures?.rootFields).toBeGreaterThan(1e100)
  })

  it.each([
    ['{ ...A } fragment A on T { a { ...A } }'],
    ['{ ...A } fragment A on T { ...B } fragment B on T { ...C } fragment C on T { ...A }'],
    ['{ a } fragment A on T { ...A ...A }'],
  ])('never when a fragment contains itself: %s', (text) => {
    expect(measureDefinitions(parse(text))).toBeNull()
    expect(messages(text)).toEqual(['A fragment contains itself.'])
  })
})

describe('a limit', () => {
  const many = (count: number, what: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => what(i)).join(' ')

  it.each([
    ['depth', nested(20), nested(21), 'The operation is 21 fields deep; 20 are allowed.'],
    [
      'aliases',
      `{ ${many(2, (i) => `r { ${many(50, (j) => `a${i}${j}: a`)} }`)} }`,
      `{ ${many(2, (i) => `r { ${many(51, (j) => `a${i}${j}: a`)} }`)} }`,
      'The operation has 102 aliases; 100 are allowed.',
    ],
    [
      'root fields',
      `{ ${many(50, () => 'a')} }`,
      `{ ${many(49, () => 'a')} ...F } fragment F on Query { a b }`,
      'The operation has 51 root fields; 50 are allowed.',
    ],
    [
      'directives',
      `{ a ${'@d '.repeat(100)} }`,
      `{ a ${'@d '.repeat(101)} }`,
      'The operation has 101 directives; 100 are allowed.',
    ],
    [
      'fields',
      `{ r { ${many(1_999, () => 'a')} } }`,
      `{ r { ${many(2_000, () => 'a')} } }`,
      'The operation has 2001 fields; 2000 are allowed.',
    ],
    [
      'literals',
      `{ a(v: ${'['.repeat(20)}${']'.repeat(20)}) }`,
      `{ a(v: ${'{a: '.repeat(21)}1${'}'.repeat(21)}) }`,
      'The operation has 21 levels of lists and objects in a value; 20 are allowed.',
    ],
    [
      'introspection depth',
      `{ __schema { ${nested(15)} } }`,
      `{ __schema { ${nested(16)} } }`,
      'The operation is 17 fields deep; 16 are allowed.',
    ],
    [
      'introspection aliases',
      `{ ${many(10, (i) => `a${i}: __type(name: "A") { name }`)} }`,
      `{ ${many(11, (i) => `a${i}: __type(name: "A") { name }`)} }`,
      'The operation has 11 aliases; 10 are allowed.',
    ],
  ])('of %s is held to the last', (_what, allowed, refused, message) => {
    const text = (of: string) => (of.startsWith('{') ? of : `{ ${of} }`)
    expect(messages(text(allowed))).toEqual([])
    expect(messages(text(refused))).toEqual([message])
  })

  it('holds for fragments that no operation uses', () => {
    expect(messages(`{ a } fragment F on T { ${many(2_001, () => 'a')} }`)).toEqual([
      'The operation has 2001 fields; 2000 are allowed.',
    ])
    expect(messages(`{ a } fragment F on T { ${many(2_000, () => 'a')} }`)).toEqual([])
  })

  it('of fragments within one another is five for each level of fields', () => {
    const inline = (levels: number) => `{ ${'... {'.repeat(levels)} a ${'}'.repeat(levels)} }`
    expect(messages(inline(99))).toEqual([])
    expect(messages(inline(100))).toEqual(['The operation is nested too deeply.'])
  })

  it('lets pass what tools ask of a schema', () => {
    const options = {
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      oneOf: true,
    }
    expect(messages(getIntrospectionQuery({ ...options, inputValueDeprecation: true }))).toEqual([])
  })

  it('holds for every operation of a document, and may be configured', () => {
    expect(messages('query A { a } query B { a { a } }', { depth: 1 })).toEqual([
      'The operation is 2 fields deep; 1 are allowed.',
    ])
  })
})
