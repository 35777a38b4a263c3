const cjk = /[\u3400-\u9fff\uf900-\ufaff]+/g

/** What is searched of a product: its texts in lower case; the database looks for parts and similar words in it. */
export function searchTextOf(texts: readonly string[]): string {
  return texts.join(' ').toLowerCase().replace(/\s+/g, ' ').trim()
}

/** The words of what somebody typed. Chinese has no spaces: it is cut into overlapping pairs, each of which must occur. */
export function termsOf(text: string): { latin: string[]; cjk: string[] } {
  const lower = text.toLowerCase().slice(0, 200)
  const latin = lower.replace(cjk, ' ').match(/[\p{L}\p{N}]+/gu) ?? []
  return { latin: latin.slice(0, 10), cjk: (lower.match(cjk) ?? []).flatMap(pairsOf).slice(0, 20) }
}

function pairsOf(run: string): string[] {
  const characters = [...run]
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`)
}
