/** Links between the parts of a place. Each part has its own URL. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { readonly name: string; readonly href: string; readonly isHere: boolean }[]
}) {
  return (
    <nav class="links tabs" aria-label={label}>
      {tabs.map(({ name, href, isHere }) => (
        <a key={name} href={href} aria-current={isHere ? 'page' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  )
}
