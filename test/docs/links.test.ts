/** A link from one page to another leads to a file that is there, and to a heading that is in it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGES = [
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'],
  ...['examples/inbox/README.md', 'examples/job-titles/README.md', 'examples/products/README.md'],
]

/** As GitHub makes them of headings. */
function anchors(page: string): string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

for (const page of PAGES) {
  t.test(page, async (t) => {
    const text = readFileSync(join(ROOT, page), 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue
      const [file = '', anchor] = link.split('#')
      const path = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), file)
      if (!t.ok(existsSync(path), `${link}: the file is there`) || anchor === undefined) continue
      t.ok(anchors(readFileSync(path, 'utf8')).includes(anchor), `${link}: the heading is there`)
    }
  })
}
