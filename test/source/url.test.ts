import t from 'tap'
import { shownName, typedName } from '../../lib/source/standard-input.js'
import { authorizationIn, bare, isUrl, parseUrl, shown, withoutSecrets } from '../../lib/source/url.js'

t.test('a URL has a scheme and two slashes', async (t) => {
  for (const url of ['https://x/a.csv', 'HTTP://x', 's3://bucket/key', 'git+ssh://x']) t.ok(isUrl(url), url)
  for (const path of ['a.csv', 'C:\\a.csv', 'c:/a.csv', '-', 'https:/x', './a://b'])
    t.notOk(isUrl(path), path)
})

t.test('only valid http and https URLs are supported', async (t) => {
  t.equal(parseUrl('https://x/a').host, 'x')
  t.throws(() => parseUrl('s3://bucket/key'), { code: 'BAD_URL', exitStatus: 2, message: /s3:\/\// })
  t.throws(() => parseUrl('https://'), { code: 'BAD_URL', message: 'invalid URL' })
})

t.test('messages show no password, query or user', async (t) => {
  const url = 'https://user:p%40ss@example.com:8080/a.csv?signature=secret#b.csv'
  t.equal(shown(new URL(url)), 'https://example.com:8080/a.csv')
  t.equal(withoutSecrets(url), 'https://example.com:8080/a.csv#b.csv')
  t.equal(withoutSecrets('https://'), 'an invalid URL')
  t.equal(withoutSecrets('in/a.csv?b'), 'in/a.csv?b')
  t.equal(bare(new URL(url)).href, 'https://example.com:8080/a.csv?signature=secret')
})

t.test('user and password become a header', async (t) => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  t.equal(authorizationIn(new URL('https://user:p%40ss@x/')), basic('user:p@ss'))
  t.equal(authorizationIn(new URL('https://user@x/')), basic('user:'))
  t.equal(authorizationIn(new URL('https://x/')), undefined)
  t.throws(() => authorizationIn(new URL('https://user:100%@x/')), { code: 'BAD_URL', hint: /%25/ })
})

t.test('standard input has a name for messages and one for receipts', async (t) => {
  t.equal(shownName('-'), 'standard input')
  t.equal(shownName('-#a.csv'), 'standard input#a.csv')
  t.equal(shownName('-a'), '-a')
  t.equal(typedName({ name: 'standard input', path: null }), '-')
  t.equal(typedName({ name: 'standard input#a.csv', path: null }), '-#a.csv')
  t.equal(typedName({ name: 'standard input', path: '/in/standard input' }), 'standard input', 'a file')
})
