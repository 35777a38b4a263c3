/**
 * Reads the parameters of a form from its bytes. Null when the form is malformed or names a parameter twice: what is
 * verified and what is used afterwards must be the same.
 */
export function readForm(body: Buffer): Record<string, string> | null {
  const parameters = new Map<string, string>()
  for (const pair of body.toString('latin1').split('&')) {
    const [name = '', ...value] = pair.split('=')
    const decoded = decode(name)
    const text = decode(value.join('='))
    if (!decoded || text === null || parameters.has(decoded)) return null
    parameters.set(decoded, text)
  }
  return Object.fromEntries(parameters)
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
