import type { TextEncoding } from "./detect-file-type.ts";

/** The text in `bytes`, with line ends as `\n` and without a byte order mark. Bytes that fit no character become `�`. */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  const label = encoding === "latin-1" ? "windows-1252" : encoding; // the web's name for Latin-1 and what people add to it
  return new TextDecoder(label).decode(bytes).replaceAll(/\r\n?/g, "\n");
}
