/** A text as it stands in a statement, where backslashes mean themselves. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
