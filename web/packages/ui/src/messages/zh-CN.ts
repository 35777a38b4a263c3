import type { UiMessages } from './en.ts'

export const zhCN: UiMessages = {
  close: '关闭',
  retry: '重试',
  more: '加载更多',
  loading: '加载中',
  shown: '已显示 {shown} / {total}',
  required: '必填',
  optional: '选填',
  quantity: { label: '数量', less: '减一', more: '加一' },
  stock: { inStock: '库存 {n} 件', low: '仅剩 {n} 件', soldOut: '已售罄' },
  step: {
    PENDING: '待处理',
    RUNNING: '进行中',
    DONE: '已完成',
    FAILED: '失败',
    COMPENSATED: '已撤销',
    SKIPPED: '无需处理',
  },
  problem: {
    unreachable: { title: '暂时连接不上商城', text: '请检查网络，您的内容没有丢失。' },
    unauthenticated: { title: '请先登录', text: '登录状态已失效。' },
    forbidden: { title: '无权查看', text: '您的账号没有查看此内容的权限。' },
    busy: { title: '商城太忙了', text: '请稍后再试。' },
    fault: { title: '出了点问题', text: '是我们的问题，请再试一次。' },
  },
}
