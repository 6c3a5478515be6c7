// The site of the documentation. scripts/site.mjs writes its pages into site/pages, from docs/ and from the command line. It
// compares them with the sidebar, where vitepress is not installed: so nothing of that is imported here.

const page = (/** @type {string} */ text, /** @type {string} */ link = `/${text.toLowerCase()}`) => ({
  text,
  link,
})

export default {
  title: 'dasy',
  description: 'Loads CSV files into PostgreSQL: deduplicated, upserted and counted, in one transaction',
  lang: 'en',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'cache',
  cleanUrls: true,
  // A dead link is an error.
  ignoreDeadLinks: false,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [page('Commands'), page('Operations'), page('Changes', '/changelog')],
    sidebar: [
      {
        text: 'Load',
        items: [
          page('Start', '/'),
          page('Sources'),
          page('CSV', '/csv'),
          page('Tables'),
          page('Inspect'),
          page('Datasets and pipelines', '/pipelines'),
          page('Plan, changes, undo', '/changes'),
          page('Recovery'),
          page('Troubleshooting'),
        ],
      },
      {
        text: 'Let it run',
        items: [
          page('Queue'),
          page('Watched folders', '/watch'),
          page('Service'),
          page('The page', '/page'),
          page('Rows'),
          page('Webhooks'),
          page('Operations'),
          page('Metrics'),
          page('Logging'),
          page('Database'),
          page('Permissions'),
          page('Security'),
        ],
      },
      {
        text: 'Reference',
        items: [
          page('Commands'),
          page('The command line', '/cli'),
          page('Library'),
          page('Errors'),
          page('Glossary'),
          page('Comparison'),
          page('Architecture'),
          page('Profile'),
          page('Changes of versions', '/changelog'),
        ],
      },
    ],
  },
}
