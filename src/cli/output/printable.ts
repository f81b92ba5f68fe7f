/** Names come from others: what would move the cursor or colour the screen is shown, not done. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped)
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|[\u2028\u2029]/gu, escaped)
}

/** JSON may hold control characters that terminals obey as well (C1, DEL); escaped they mean the same. */
export function printableJson(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029]/g, escaped)
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  return { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character] ?? `\\u${code}`
}
