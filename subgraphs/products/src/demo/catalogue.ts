/** A shelf of the demo shop. `glyph` is what its products' pictures show. */
export interface DemoCategory {
  id: string
  name: string
  parentId: string | null
  glyph: Glyph
}

/** What a drawn picture shows. */
export type Glyph = 'cup' | 'lamp' | 'shirt' | 'bag' | 'headphones' | 'keyboard' | 'leaf' | 'ball' | 'book'

/** A product of the demo shop: its id, name, category, lowest price in fen, and the options its variants differ by. */
export interface DemoProduct {
  id: string
  name: string
  category: string
  price: number
  variants: Variants
  about: string
}

/** Values of one option, or none. */
export type Variants = { option: string; values: readonly string[]; step?: number } | null

export const categories: readonly DemoCategory[] = [
  { id: 'home', name: '家居 · Home', parentId: null, glyph: 'lamp' },
  { id: 'kitchen', name: '厨房 · Kitchen', parentId: 'home', glyph: 'cup' },
  { id: 'lighting', name: '灯具 · Lighting', parentId: 'home', glyph: 'lamp' },
  { id: 'garden', name: '绿植 · Plants', parentId: 'home', glyph: 'leaf' },
  { id: 'clothing', name: '服饰 · Clothing', parentId: null, glyph: 'shirt' },
  { id: 'bags', name: '箱包 · Bags', parentId: 'clothing', glyph: 'bag' },
  { id: 'electronics', name: '数码 · Electronics', parentId: null, glyph: 'headphones' },
  { id: 'audio', name: '影音 · Audio', parentId: 'electronics', glyph: 'headphones' },
  { id: 'desk', name: '桌面 · Desk', parentId: 'electronics', glyph: 'keyboard' },
  { id: 'sports', name: '运动 · Sports', parentId: null, glyph: 'ball' },
  { id: 'books', name: '图书 · Books', parentId: null, glyph: 'book' },
]

const colours = (...values: string[]): Variants => ({ option: 'colour', values })
const sizes = (...values: string[]): Variants => ({ option: 'size', values })
const capacities = (...values: string[]): Variants => ({ option: 'capacity', values, step: 2_000 })

const row = (
  id: string,
  name: string,
  category: string,
  yuan: number,
  variants: Variants,
  about: string,
): DemoProduct => ({ id, name, category, price: Math.round(yuan * 100), variants, about })

export const products: readonly DemoProduct[] = [
  row(
    'mistfall-thermos',
    '山岚保温杯 · Mistfall Thermos 500 ml',
    'kitchen',
    129,
    colours('white', 'black', 'green'),
    '双层不锈钢，保温十二小时。Double-walled steel that keeps tea hot for twelve hours.',
  ),
  row(
    'lucky-thirteen-mug',
    '幸运十三马克杯 · Lucky Thirteen Mug',
    'kitchen',
    13.13,
    null,
    '¥13.13：沙盒支付会拒绝这个金额，用来演示失败与补偿。At ¥13.13 the sandbox payment refuses it: order one to watch a saga undo itself.',
  ),
  row(
    'bamboo-steamer',
    '竹蒸笼 · Bamboo Steamer',
    'kitchen',
    79,
    sizes('20cm', '26cm'),
    '手工编制，两层加盖。Two hand-woven tiers and a lid.',
  ),
  row(
    'cast-iron-wok',
    '铸铁炒锅 · Cast Iron Wok',
    'kitchen',
    269,
    sizes('28cm', '32cm'),
    '厚底均匀受热，越用越不粘。Seasons with every meal.',
  ),
  row(
    'celadon-bowl',
    '青瓷饭碗 · Celadon Bowl',
    'kitchen',
    49,
    colours('jade', 'sky'),
    '龙泉青釉，一只一色。Longquan glaze, no two alike.',
  ),
  row(
    'gongfu-teapot',
    '紫砂小壶 · Gongfu Teapot',
    'kitchen',
    368,
    capacities('120ml', '180ml'),
    '宜兴紫砂，出水利落。Yixing clay that pours clean.',
  ),
  row(
    'chef-knife',
    '主厨刀 · Chef Knife',
    'kitchen',
    459,
    null,
    '大马士革纹，配木鞘。Damascus pattern with a wooden sheath.',
  ),
  row(
    'pour-over-set',
    '手冲咖啡套装 · Pour-over Set',
    'kitchen',
    199,
    colours('clear', 'amber'),
    '滤杯、分享壶和五十张滤纸。Dripper, server and fifty filters.',
  ),
  row(
    'linen-apron',
    '亚麻围裙 · Linen Apron',
    'kitchen',
    119,
    colours('sand', 'navy'),
    '加厚亚麻，口袋够深。Heavy linen with deep pockets.',
  ),
  row(
    'flash-lantern',
    '秒杀提灯 · Flash Lantern',
    'lighting',
    99,
    null,
    '只有一百盏。One hundred of them, not one more.',
  ),
  row(
    'paper-moon-lamp',
    '纸月吊灯 · Paper Moon Lamp',
    'lighting',
    239,
    sizes('30cm', '40cm', '50cm'),
    '和纸灯罩，光线柔和。Washi shade, soft light.',
  ),
  row(
    'desk-heron-lamp',
    '白鹭台灯 · Heron Desk Lamp',
    'lighting',
    329,
    colours('white', 'black'),
    '三档色温，转动无声。Three colour temperatures, silent joints.',
  ),
  row(
    'candle-trio',
    '香薰蜡烛三件 · Candle Trio',
    'lighting',
    158,
    null,
    '檀香、桂花、雨后。Sandalwood, osmanthus, after rain.',
  ),
  row(
    'night-firefly',
    '流萤小夜灯 · Firefly Night Light',
    'lighting',
    59,
    colours('warm', 'blue'),
    '天黑自亮。Wakes when it gets dark.',
  ),
  row(
    'string-lights',
    '星串灯 · String Lights',
    'lighting',
    69,
    sizes('5m', '10m'),
    '铜线可弯，防雨。Bendable copper, rain-proof.',
  ),
  row(
    'monstera',
    '龟背竹 · Monstera',
    'garden',
    88,
    sizes('small', 'large'),
    '耐阴好养。Forgives forgetting.',
  ),
  row('bonsai-pine', '五针松盆景 · Pine Bonsai', 'garden', 688, null, '十二年树龄。Twelve years old.'),
  row('herb-trio', '香草三盆 · Herb Trio', 'garden', 66, null, '罗勒、薄荷、迷迭香。Basil, mint, rosemary.'),
  row(
    'terracotta-pot',
    '陶土花盆 · Terracotta Pot',
    'garden',
    39,
    sizes('12cm', '16cm', '20cm'),
    '透气，不烂根。Breathes, so roots stay sound.',
  ),
  row('brass-mister', '黄铜喷壶 · Brass Mister', 'garden', 96, null, '雾细如烟。A mist like smoke.'),
  row(
    'moss-garden',
    '苔藓微景 · Moss Garden',
    'garden',
    149,
    null,
    '一只玻璃碗里的山林。A forest in a glass bowl.',
  ),
  row(
    'merino-tee',
    '美利奴短袖 · Merino Tee',
    'clothing',
    259,
    sizes('S', 'M', 'L', 'XL'),
    '不闷不痒，三天不洗也不怕。Travels three days without a wash.',
  ),
  row(
    'oxford-shirt',
    '牛津纺衬衫 · Oxford Shirt',
    'clothing',
    299,
    sizes('S', 'M', 'L', 'XL'),
    '越洗越软。Softer with every wash.',
  ),
  row(
    'down-vest',
    '轻羽马甲 · Down Vest',
    'clothing',
    399,
    sizes('S', 'M', 'L'),
    '收进自己的口袋。Packs into its own pocket.',
  ),
  row(
    'rain-shell',
    '雨壳外套 · Rain Shell',
    'clothing',
    569,
    sizes('S', 'M', 'L', 'XL'),
    '两万毫米防水。20,000 mm waterproof.',
  ),
  row(
    'wool-beanie',
    '羊毛帽 · Wool Beanie',
    'clothing',
    89,
    colours('grey', 'red', 'navy'),
    '双层罗纹。Doubled rib.',
  ),
  row(
    'silk-scarf',
    '真丝方巾 · Silk Scarf',
    'clothing',
    219,
    colours('crane', 'wave'),
    '手工卷边。Hand-rolled hems.',
  ),
  row(
    'indigo-jeans',
    '靛蓝牛仔裤 · Indigo Jeans',
    'clothing',
    459,
    sizes('28', '30', '32', '34'),
    '赤耳丹宁。Selvedge denim.',
  ),
  row(
    'canvas-sneaker',
    '帆布鞋 · Canvas Sneaker',
    'clothing',
    239,
    sizes('38', '39', '40', '41', '42', '43'),
    '硫化胶底。Vulcanised sole.',
  ),
  row(
    'hiking-socks',
    '徒步袜三双 · Hiking Socks, three pairs',
    'clothing',
    99,
    sizes('M', 'L'),
    '脚跟加厚。Cushioned heel.',
  ),
  row(
    'city-backpack',
    '通勤双肩包 · City Backpack',
    'bags',
    399,
    colours('black', 'olive', 'grey'),
    '二十升，电脑独立仓。20 litres, laptop in its own bay.',
  ),
  row(
    'weekend-duffel',
    '周末旅行袋 · Weekend Duffel',
    'bags',
    459,
    colours('tan', 'navy'),
    '登机尺寸。Fits the overhead bin.',
  ),
  row(
    'tote-canvas',
    '帆布托特 · Canvas Tote',
    'bags',
    119,
    colours('natural', 'black'),
    '十六安帆布。16 oz canvas.',
  ),
  row(
    'carry-on',
    '登机箱 · Carry-on',
    'bags',
    799,
    colours('silver', 'graphite'),
    '静音万向轮。Quiet wheels.',
  ),
  row(
    'card-wallet',
    '植鞣卡包 · Card Wallet',
    'bags',
    159,
    colours('cognac', 'black'),
    '六卡一夹层。Six cards, one pocket.',
  ),
  row(
    'sling-pouch',
    '随身小包 · Sling Pouch',
    'bags',
    139,
    colours('black', 'orange'),
    '手机钥匙刚刚好。Phone, keys, done.',
  ),
  row(
    'aria-headphones',
    '咏叹头戴耳机 · Aria Headphones',
    'audio',
    899,
    colours('black', 'cream'),
    '主动降噪，四十小时续航。Noise cancelling, forty hours.',
  ),
  row(
    'pebble-earbuds',
    '卵石耳机 · Pebble Earbuds',
    'audio',
    399,
    colours('white', 'graphite', 'mint'),
    '单耳四克。Four grams each.',
  ),
  row(
    'harbour-speaker',
    '港湾音箱 · Harbour Speaker',
    'audio',
    659,
    colours('walnut', 'white'),
    '实木箱体。Real wood.',
  ),
  row(
    'vinyl-player',
    '黑胶唱机 · Vinyl Player',
    'audio',
    1299,
    null,
    '皮带驱动，内置唱放。Belt drive, phono built in.',
  ),
  row(
    'pocket-radio',
    '口袋收音机 · Pocket Radio',
    'audio',
    189,
    colours('red', 'grey'),
    '两节五号电池用一个月。A month on two AA.',
  ),
  row('condenser-mic', '电容麦克风 · Condenser Mic', 'audio', 549, null, '即插即用。Plug and speak.'),
  row(
    'tide-keyboard',
    '潮汐机械键盘 · Tide Keyboard',
    'desk',
    499,
    { option: 'switch', values: ['linear', 'tactile', 'silent'] },
    '热插拔轴体，铝制外壳。Hot-swap switches in aluminium.',
  ),
  row(
    'felt-mat',
    '羊毛毡桌垫 · Felt Desk Mat',
    'desk',
    129,
    sizes('60cm', '90cm'),
    '鼠标顺滑，敲字安静。Smooth and quiet.',
  ),
  row('monitor-arm', '显示器支架 · Monitor Arm', 'desk', 369, null, '气压升降。Gas spring.'),
  row('usb-hub', '七合一扩展坞 · 7-in-1 Hub', 'desk', 259, null, '4K60，PD 100 W。4K60, 100 W.'),
  row(
    'fast-charger',
    '氮化镓充电器 · GaN Charger',
    'desk',
    149,
    { option: 'power', values: ['45W', '65W', '100W'], step: 6_000 },
    '一个顶三个。One for three.',
  ),
  row(
    'ssd-drive',
    '移动固态硬盘 · Portable SSD',
    'desk',
    429,
    { option: 'capacity', values: ['500GB', '1TB', '2TB'], step: 26_000 },
    '每秒一千兆。1,000 MB/s.',
  ),
  row(
    'e-ink-reader',
    '墨水屏阅读器 · E-ink Reader',
    'desk',
    999,
    colours('black', 'white'),
    '一次充电读一个月。A month per charge.',
  ),
  row(
    'fountain-pen',
    '钢笔 · Fountain Pen',
    'desk',
    229,
    { option: 'nib', values: ['EF', 'F', 'M'] },
    '十四K金尖。14k nib.',
  ),
  row(
    'yoga-mat',
    '天然橡胶瑜伽垫 · Natural Yoga Mat',
    'sports',
    239,
    colours('plum', 'sea', 'black'),
    '湿手也不滑。Grips when wet.',
  ),
  row('cork-block', '软木瑜伽砖 · Cork Block', 'sports', 59, null, '温润不打滑。Warm and steady.'),
  row(
    'kettlebell',
    '壶铃 · Kettlebell',
    'sports',
    169,
    { option: 'weight', values: ['8kg', '12kg', '16kg'], step: 7_000 },
    '整体铸造。Cast in one piece.',
  ),
  row(
    'badminton-set',
    '羽毛球拍一对 · Badminton Pair',
    'sports',
    299,
    null,
    '碳素拍，送三只球。Carbon, three shuttles included.',
  ),
  row(
    'ping-pong-paddle',
    '乒乓球拍 · Ping-pong Paddle',
    'sports',
    189,
    { option: 'grip', values: ['penhold', 'shakehand'] },
    '五层纯木。Five-ply wood.',
  ),
  row(
    'basketball-7',
    '七号篮球 · Basketball No. 7',
    'sports',
    159,
    colours('orange', 'tricolour'),
    '室内外通用。In and out of doors.',
  ),
  row(
    'trail-bottle',
    '越野软水壶 · Trail Flask',
    'sports',
    79,
    capacities('250ml', '500ml'),
    '喝完卷起来。Rolls up when empty.',
  ),
  row('climbing-chalk', '攀岩镁粉 · Climbing Chalk', 'sports', 45, null, '细而不飞。Fine, not flying.'),
  row('jump-rope', '轴承跳绳 · Speed Rope', 'sports', 69, colours('black', 'lime'), '钢丝绳芯。Steel core.'),
  row(
    'dream-red',
    '红楼梦 · Dream of the Red Chamber',
    'books',
    128,
    { option: 'binding', values: ['paperback', 'hardcover'], step: 5_000 },
    '一百二十回全本。All 120 chapters.',
  ),
  row(
    'tea-classic',
    '茶经图说 · The Classic of Tea, Illustrated',
    'books',
    68,
    null,
    '陆羽原文，二百幅图。Lu Yu with two hundred plates.',
  ),
  row('mountain-poems', '寒山诗 · Cold Mountain Poems', 'books', 52, null, '中英对照。Chinese and English.'),
  row(
    'small-cities',
    '小城之味 · A Taste of Small Cities',
    'books',
    76,
    null,
    '四十座城，一百二十道菜。Forty cities, 120 dishes.',
  ),
  row(
    'systems-book',
    '可靠系统 · Reliable Systems',
    'books',
    99,
    { option: 'binding', values: ['paperback', 'hardcover'], step: 4_000 },
    '钱不会丢的程序怎么写。How to write programs that do not lose money.',
  ),
  row(
    'ink-sketchbook',
    '水墨写生本 · Ink Sketchbook',
    'books',
    58,
    sizes('A5', 'A4'),
    '一百二十克宣纸。120 g rice paper.',
  ),
  row(
    'star-atlas',
    '星图 · Star Atlas',
    'books',
    138,
    null,
    '八十八星座，夜光封面。88 constellations, a cover that glows.',
  ),
]

/** The variants of a product, their price and stock. Deterministic: the same every time. */
export function variantsOf(
  product: DemoProduct,
): { id: string; code: string; options: { name: string; value: string }[]; price: number; stock: number }[] {
  const { variants } = product
  const values = variants?.values ?? [null]
  return values.map((value, index) => {
    const code = value === null ? product.id : `${product.id}-${value.toLowerCase()}`
    return {
      id: `sku-${code}`,
      code,
      options: value === null || !variants ? [] : [{ name: variants.option, value }],
      price: product.price + index * (variants?.step ?? 0),
      stock: stockOf(code),
    }
  })
}

const fixedStock: Record<string, number> = {
  'flash-lantern': 100,
  'lucky-thirteen-mug': 200,
  'mistfall-thermos-white': 300,
}

/** Between 0 and 500: some sold out, some nearly. */
function stockOf(code: string): number {
  const fixed = fixedStock[code]
  if (fixed !== undefined) return fixed
  const spread = hashOf(code)
  if (spread % 17 === 0) return 0
  if (spread % 11 === 0) return (spread % 5) + 1
  return spread % 501
}

/** FNV-1a, for numbers that look random and never change. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}
