import type { ShellMessages } from './en.ts'

export const zhCN: ShellMessages = {
  skip: '跳到正文',
  search: '搜索',
  searchHint: '搜索商品',
  tools: '账号与设置',
  account: '{name}，我的账号',
  signIn: '登录',
  cart: '购物车，{n} 件商品',
  theme: { system: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },
  connection: {
    offline: '您已离线，页面内容可能不是最新的。',
    reconnecting: '实时更新已中断，正在重新连接…',
  },
  promise: {
    stock: { title: '实时库存', text: '看到的就是货架上的，精确到秒。' },
    pay: { title: '只付一次', text: '重复点击或网络中断，都不会重复下单。' },
    track: { title: '步步可查', text: '从锁定库存到仓库发货，无需刷新。' },
  },
  notFound: { title: '页面不存在', text: '页面可能已移动，或地址有误。', home: '返回商城' },
}
