/** What the service tells only once. */
export function Secret({ title, secret }: { title: string; secret: string }) {
  return (
    <div class="note is-good" role="status">
      <p>{title}, which is shown only now:</p>
      <p>
        <code>{secret}</code>
      </p>
    </div>
  )
}
