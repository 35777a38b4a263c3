import { useI18n } from 'vue-i18n'

/** Names and values of options in the language of the page, where it has words for them. */
export function useWords() {
  const { t, te } = useI18n()
  const say = (kind: 'option' | 'value', word: string) => {
    // Other characters have a meaning in keys.
    const key = `ui.words.${kind}.${word}`
    return /^[a-z]+$/.test(word) && te(key) ? t(key) : word
  }
  return {
    optionName: (name: string) => say('option', name),
    optionValue: (value: string) => say('value', value),
    /** The values of a variant in one line. */
    variant: (options: readonly { value: string }[]) =>
      options.map(({ value }) => say('value', value)).join(' · '),
  }
}
