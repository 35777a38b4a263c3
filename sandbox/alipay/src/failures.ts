/** A refusal as the gateway answers it: https://opendocs.alipay.com/common/02km9f. */
export interface Failure {
  code: '20000' | '40001' | '40002' | '40004'
  msg: string
  sub_code: string
  sub_msg: string
}

const messages = {
  20000: 'Service Currently Unavailable',
  40001: 'Missing Required Arguments',
  40002: 'Invalid Arguments',
  40004: 'Business Failed',
} as const

const known = {
  'isv.missing-signature': ['40001', '缺少签名参数'],
  'isv.missing-method': ['40001', '缺少方法名参数'],
  'isv.missing-app-id': ['40001', '缺少appId参数'],
  'isv.missing-timestamp': ['40001', '缺少时间戳参数'],
  'isv.invalid-signature': ['40002', '验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配'],
  'isv.invalid-signature-type': ['40002', '无效签名类型'],
  'isv.invalid-app-id': ['40002', '无效的AppID参数'],
  'isv.invalid-timestamp': ['40002', '非法的时间戳参数'],
  'isv.invalid-method': ['40002', '不存在的方法名'],
  'isv.invalid-charset': ['40002', '字符集错误'],
  'isv.invalid-parameter': ['40002', '参数无效'],
  'ACQ.SYSTEM_ERROR': ['40004', '系统错误'],
  'ACQ.TRADE_NOT_EXIST': ['40004', '交易不存在'],
  'ACQ.TRADE_STATUS_ERROR': ['40004', '交易状态不合法'],
  'ACQ.TRADE_HAS_SUCCESS': ['40004', '交易已被支付'],
  'ACQ.TRADE_HAS_CLOSE': ['40004', '交易已经关闭'],
  'ACQ.CONTEXT_INCONSISTENT': ['40004', '交易信息被篡改'],
  'ACQ.DISCORDANT_REPEAT_REQUEST': ['40004', '请求信息不一致'],
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': ['40004', '退款金额超限'],
} as const satisfies Record<string, readonly [Failure['code'], string]>

/** Makes the refusal with a code of Alipay's. */
export function failure(subCode: keyof typeof known): Failure {
  const [code, text] = known[subCode]
  return { code, msg: messages[code], sub_code: subCode, sub_msg: text }
}

/** True for what was refused. */
export const isFailure = (result: object | null): result is Failure => result !== null && 'sub_code' in result
