/**
 * The text with a sign for each control character, line feeds too, and for what turns a line around: a file may have any name, also one
 * that would move the cursor.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "�");
}
