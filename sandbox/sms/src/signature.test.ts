import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type * as core from '@alicloud/openapi-core'
import { describe, expect, it } from 'vitest'
import { canonicalRequest, isSigned, readAuthorization, sign, type SignedRequest } from './signature.ts'

// The worked example of the documentation; its digest and signature stand there, too.
const published: SignedRequest = {
  method: 'POST',
  path: '/',
  query: {
    RegionId: 'cn-shanghai',
    ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
  },
  headers: {
    host: 'ecs.cn-shanghai.aliyuncs.com',
    'x-acs-action': 'RunInstances',
    'x-acs-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-acs-date': '2023-10-26T10:22:32Z',
    'x-acs-signature-nonce': '3156853299f313e23d1673dc12e1703d',
    'x-acs-version': '2014-05-26',
  },
  body: Buffer.alloc(0),
}
const names = Object.keys(published.headers)
const secret = 'YourAccessKeySecret'

describe('the signature', () => {
  it('is that of the documented example, digest and all', () => {
    const digest = createHash('sha256').update(canonicalRequest(published, names)).digest('hex')
    expect(digest).toBe('7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259')
    expect(sign(published, names, secret)).toBe(
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    )
  })

  it('is that of the official client for all kinds of characters', () => {
    const { OpenApiUtil } = createRequire(import.meta.url)('@alicloud/openapi-core') as typeof core
    // Plain names only: the client does not encode names where the documentation does, and no operation has others.
    const query = { TemplateParam: '{"a":"~ *+!\'()é中"}', Empty: '', B: 'a=b&c', a: '/?', A: '%2F' }
    const request: SignedRequest = { ...published, query }
    const signable = { method: 'POST', pathname: '/', query, headers: request.headers }
    const authorization = OpenApiUtil.getAuthorization(
      signable as unknown as Parameters<typeof OpenApiUtil.getAuthorization>[0],
      'ACS3-HMAC-SHA256',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'me',
      secret,
    )
    const read = readAuthorization(authorization)
    expect(read).toMatchObject({ accessKeyId: 'me' })
    expect(sign(request, read?.signedHeaders ?? [], secret)).toBe(read?.signature)
  })

  it('holds only while nothing that matters is changed, and only when all of it is signed', () => {
    const signature = sign(published, names, secret)
    const authorization = { accessKeyId: 'me', signedHeaders: names, signature }
    const withHeader = (name: string, value: string) => ({
      ...published,
      headers: { ...published.headers, [name]: value },
    })
    expect(isSigned(published, authorization, secret)).toBe(true)
    expect(isSigned(published, authorization, 'another')).toBe(false)
    expect(isSigned({ ...published, query: { RegionId: 'x' } }, authorization, secret)).toBe(false)
    expect(isSigned({ ...published, body: Buffer.from('x') }, authorization, secret)).toBe(false)
    expect(isSigned(withHeader('x-acs-action', 'SendSms'), authorization, secret)).toBe(false)
    expect(isSigned(withHeader('x-acs-unsigned', 'x'), authorization, secret)).toBe(false)
  })

  it('is not read from another scheme', () => {
    expect(readAuthorization(undefined)).toBeNull()
    expect(readAuthorization('Bearer abc')).toBeNull()
  })
})
