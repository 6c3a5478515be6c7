#!/usr/bin/env node
// Writes the pages of the documentation's site into site/pages: those of docs/, README as the start, the changelog, and a reference of the
// commands made from what --help shows. A link to a file that is no page leads to the repository; a dead one fails. "npm run site" builds
// dasy, runs this, and makes the site of the pages with what site/package.json has: only it needs that, so "npm ci" does not install it.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import config from '../site/.vitepress/config.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = `${root}/site/pages`
const { commands } = await import('../dist/cli/commands.js')
const { withSubcommands } = await import('../dist/cli/command.js')
const { flagSections, meaningOf, usageOf } = await import('../dist/cli/help.js')
const { repository } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const browse = repository.url.replace(/^git\+/, '').replace(/\.git$/, '/blob/main/')

/** Where the files of the repository are that become pages or their pictures. @type {Map<string, string>} */
const places = new Map([
  ['README.md', 'index.md'],
  ['CHANGELOG.md', 'changelog.md'],
  ...readdirSync(`${root}/docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|png|svg)$/.test(name))
    .map((name) => /** @type {[string, string]} */ ([`docs/${name}`, name])),
])

rmSync(pages, { recursive: true, force: true })
for (const [file, place] of places) {
  mkdirSync(posix.dirname(`${pages}/${place}`), { recursive: true })
  if (!file.endsWith('.md')) copyFileSync(`${root}/${file}`, `${pages}/${place}`)
  else writeFileSync(`${pages}/${place}`, withLinks(readFileSync(`${root}/${file}`, 'utf8'), file, place))
}
writeFileSync(`${pages}/commands.md`, reference())
requireSidebar([...places.values(), 'commands.md'].filter((place) => place.endsWith('.md')))

/** That each page can be found. @param {string[]} found */
function requireSidebar(found) {
  const links = JSON.stringify(config.themeConfig.sidebar)
  const missing = found.filter((place) => !links.includes(`"/${place.replace(/(^index)?\.md$/, '')}"`))
  if (missing.length > 0)
    throw new Error(`not in the sidebar of site/.vitepress/config.mjs: ${missing.join(', ')}`)
}

/** Links of a file, as its page needs them. @param {string} text @param {string} file @param {string} place */
function withLinks(text, file, place) {
  return text.replaceAll(/\]\(([^)\s#]+)(#[^)\s]*)?\)/g, (whole, link, anchor = '') => {
    if (/^[a-z]+:/.test(link)) return whole
    const target = posix.join(posix.dirname(file), link)
    const its = places.get(target)
    if (its !== undefined) return `](./${posix.relative(posix.dirname(place), its)}${anchor})`
    if (!existsSync(`${root}/${target}`)) throw new Error(`${file}: there is no ${target}`)
    return `](${browse}${target}${anchor})`
  })
}

/** What --help shows of every command. */
function reference() {
  const parts = withSubcommands(commands).map((command) => {
    const { name, describe, positionals = {}, examples, run } = command
    const head = [`## dasy ${name}`, `${describe}.`]
    if (!run) return head
    const places = Object.entries(positionals).map(([place, each]) => [place.toUpperCase(), each.describe])
    return [
      ...head,
      `\`\`\`text\n${usageOf(command)}\n\`\`\``,
      ...tableOf('Argument', places),
      ...flagSections(command).flatMap(([title, flags]) =>
        tableOf(
          title,
          flags.map(([flag, its]) => [termOf(flag, its), meaningOf(its)]),
        ),
      ),
      ...examples.map(([line, what]) => `\`${line}\`: ${plain(what)}`),
    ]
  })
  return `${['# Commands', 'Each flag without a value has a `--no-` form.', ...parts.flat()].join('\n\n')}\n`
}

/** @param {string} title @param {string[][]} rows */
function tableOf(title, rows) {
  const lines = rows.map(([term = '', meaning = '']) => `| \`${term}\` | ${plain(meaning)} |`)
  return rows.length > 0 ? [[`| ${title} | |`, '|---|---|', ...lines].join('\n')] : []
}

/** @param {string} name @param {import('../dist/cli/command.js').Flag} flag */
function termOf(name, { alias, type, value = 'VALUE' }) {
  return `${alias ? `-${alias}, ` : ''}--${name}${type === 'string' ? ` ${value}` : ''}`
}

/** Text that is no markup. @param {string} text */
function plain(text) {
  return text.replaceAll(/[|*_<>{}[\]\\]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
