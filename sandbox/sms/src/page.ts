/** The page that shows what was sent. What it shows is put in by `page.js` as text, never as HTML. */
export const page = `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>短信沙箱 · SMS sandbox</title>
    <style>
      :root {
        --text: light-dark(#1d1d1f, #f2f2f4);
        --quiet: light-dark(#5c5c63, #a9a9b2);
        --ground: light-dark(#f5f5f7, #161618);
        --card: light-dark(#fff, #232326);
      }
      body {
        margin: 0 auto;
        max-width: 44rem;
        padding: 1.5rem 1rem;
        font: 1rem/1.5 system-ui, sans-serif;
        color: var(--text);
        background: var(--ground);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        align-items: baseline;
        gap: 0.5rem 1rem;
      }
      h1 { font-size: 1.4rem; margin: 0; }
      p, time, small { color: var(--quiet); }
      ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
      li { background: var(--card); border-radius: 0.75rem; padding: 0.75rem 1rem; overflow-wrap: anywhere; }
      li > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
      li > p { color: inherit; margin: 0.25rem 0; }
      button { font: inherit; padding: 0.25rem 0.75rem; }
    </style>
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    <header>
      <h1 id="title">短信沙箱</h1>
      <button id="language" type="button" lang="en">English</button>
    </header>
    <main>
      <p id="state" role="status"></p>
      <ol id="messages"></ol>
    </main>
  </body>
</html>
`
