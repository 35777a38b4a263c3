import { hashOf, type Glyph } from './catalogue.ts'

/** Side of a picture, in pixels; drawings scale to any size. */
export const pictureSize = 800

/** Draws a product: a quiet background in its own colours and the thing itself. The same id gives the same picture. */
export function drawPicture(id: string, glyph: Glyph): string {
  const seed = hashOf(id)
  const hue = seed % 360
  const accent = (hue + 150 + (seed % 60)) % 360
  const tilt = (seed % 13) - 6
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${pictureSize} ${pictureSize}" role="img">
<defs>
<linearGradient id="b" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${hue} 38% 94%)"/><stop offset="1" stop-color="hsl(${(hue + 40) % 360} 42% 84%)"/></linearGradient>
<linearGradient id="t" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${accent} 46% 58%)"/><stop offset="1" stop-color="hsl(${accent} 50% 38%)"/></linearGradient>
</defs>
<rect width="800" height="800" fill="url(#b)"/>
<circle cx="${260 + (seed % 280)}" cy="${250 + (seed % 160)}" r="250" fill="hsl(${hue} 60% 98%)" opacity=".65"/>
<ellipse cx="400" cy="640" rx="220" ry="30" fill="hsl(${hue} 30% 40%)" opacity=".18"/>
<g transform="rotate(${tilt} 400 420)" fill="url(#t)" stroke="hsl(${accent} 50% 26%)" stroke-width="8" stroke-linejoin="round" stroke-linecap="round">${glyphs[glyph](`hsl(${hue} 50% 96%)`)}</g>
</svg>
`
}

const glyphs: Record<Glyph, (light: string) => string> = {
  cup: (light) =>
    `<path d="M560 360h60a70 70 0 0 1 0 140h-64" fill="none" stroke-width="26"/><path d="M240 280h330l-30 300a46 46 0 0 1-46 42H316a46 46 0 0 1-46-42z"/><path d="M276 330h250" stroke="${light}" opacity=".7"/><path d="M340 220c-20-30 20-50 0-84M410 220c-20-30 20-50 0-84M480 220c-20-30 20-50 0-84" fill="none" opacity=".5"/>`,
  lamp: (light) =>
    `<path d="M400 120v90" fill="none"/><path d="M280 440 330 220h140l50 220z"/><circle cx="400" cy="468" r="40" fill="${light}"/><path d="M400 510v90M300 620h200" fill="none" stroke-width="22"/>`,
  shirt: (light) =>
    `<path d="m300 200-130 80 50 120 60-30v250h240V370l60 30 50-120-130-80c-20 60-180 60-200 0z"/><path d="M400 300v60M400 420v60" stroke="${light}" fill="none"/>`,
  bag: (light) =>
    `<path d="M310 290v-50a90 90 0 0 1 180 0v50" fill="none" stroke-width="24"/><rect x="220" y="280" width="360" height="340" rx="50"/><rect x="270" y="430" width="260" height="140" rx="26" fill="${light}" opacity=".85"/><path d="M400 430v46" fill="none"/>`,
  headphones: (light) =>
    `<path d="M210 470v-70a190 190 0 0 1 380 0v70" fill="none" stroke-width="30"/><rect x="170" y="420" width="100" height="180" rx="46"/><rect x="530" y="420" width="100" height="180" rx="46"/><path d="M214 470v80M586 470v80" stroke="${light}" fill="none"/>`,
  keyboard: (light) =>
    `<rect x="130" y="300" width="540" height="250" rx="34"/><g fill="${light}" stroke="none" opacity=".9">${[0, 1, 2].map((line) => Array.from({ length: 8 }, (_, key) => `<rect x="${170 + key * 58}" y="${335 + line * 58}" width="44" height="42" rx="9"/>`).join('')).join('')}<rect x="250" y="508" width="300" height="24" rx="9"/></g>`,
  leaf: (light) =>
    `<path d="M400 560C210 520 190 300 290 170c150 60 190 230 110 390z"/><path d="M410 560c-10-150 80-250 220-270 10 150-80 260-220 270z"/><path d="M400 560C370 430 340 330 300 220M410 560c50-90 110-170 190-230" stroke="${light}" fill="none"/><path d="M310 560h180l-24 90H334z"/>`,
  ball: (light) =>
    `<circle cx="400" cy="400" r="220"/><path d="M180 400h440M400 180v440M250 240c90 90 90 230 0 320M550 240c-90 90-90 230 0 320" stroke="${light}" fill="none"/>`,
  book: (light) =>
    `<path d="M400 250c-60-50-150-60-240-46v370c90-14 180-4 240 46 60-50 150-60 240-46V204c-90-14-180-4-240 46z"/><path d="M400 250v370" fill="none"/><path d="M220 290c50-6 90 0 130 22M220 370c50-6 90 0 130 22M580 290c-50-6-90 0-130 22M580 370c-50-6-90 0-130 22" stroke="${light}" fill="none"/>`,
}
