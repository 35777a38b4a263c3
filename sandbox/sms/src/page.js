const texts = {
  'zh-CN': {
    title: '短信沙箱',
    other: 'English',
    none: '还没有短信。',
    count: (n) => `已发送 ${n} 条短信，最新的在前，每两秒刷新。`,
    lost: '沙箱没有响应，正在重试。',
  },
  en: {
    title: 'SMS sandbox',
    other: '中文',
    none: 'Nothing has been sent yet.',
    count: (n) => `Messages sent: ${n}. The newest first, refreshed every two seconds.`,
    lost: 'The sandbox does not answer; trying again.',
  },
}

const byId = (id) => document.getElementById(id)
let language = localStorage.getItem('language') ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en')
let shown = ''

function speak() {
  const text = texts[language]
  document.documentElement.lang = language
  document.title = text.title
  byId('title').textContent = text.title
  byId('language').textContent = text.other
  byId('language').lang = language === 'en' ? 'zh-CN' : 'en'
  shown = ''
}

/** An element with text and children. */
function element(name, text = '', ...children) {
  const made = document.createElement(name)
  made.textContent = text
  made.append(...children)
  return made
}

function itemOf({ phone, signName, content, templateCode, outId, sentAt }) {
  const time = element('time', new Date(sentAt).toLocaleString(language))
  time.dateTime = sentAt
  return element(
    'li',
    '',
    element('div', '', element('strong', phone), time),
    element('p', `【${signName}】${content}`),
    element('small', `${templateCode} · ${outId}`),
  )
}

async function refresh() {
  const text = texts[language]
  try {
    const answer = await (await fetch('/messages')).text()
    if (answer === shown) return
    shown = answer
    const messages = JSON.parse(answer)
    byId('state').textContent = messages.length === 0 ? text.none : text.count(messages.length)
    byId('messages').replaceChildren(...messages.map(itemOf))
  } catch {
    byId('state').textContent = text.lost
    shown = ''
  }
}

byId('language').addEventListener('click', () => {
  language = language === 'en' ? 'zh-CN' : 'en'
  localStorage.setItem('language', language)
  speak()
  void refresh()
})
speak()
void refresh()
setInterval(refresh, 2_000)
