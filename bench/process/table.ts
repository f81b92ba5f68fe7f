/** A Markdown table; all columns but the first hold figures. */
export function tableOf(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [heads, ['---', ...heads.slice(1).map(() => '---:')], ...rows]
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
