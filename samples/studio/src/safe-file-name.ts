import { extname } from "node:path";

/** Bytes of a name: file systems take 255, and what is made of a file has a longer name. */
const longest = 180;
/** Names of devices, which Windows opens instead of a file, whatever ends them. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * A name for a file that came from somewhere, made of the one it came with: no folders, nothing that a file system or a terminal takes for a command, not hidden, not too long.
 * It is still what a stranger has chosen, and says nothing of what is in the file.
 */
export function safeFileName(given: string): string {
  const name = (given.split(/[/\\]/).at(-1) ?? "")
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\uFFFD]/gu, "")
    .replaceAll(/[<>:"|?*]/g, "_")
    .replace(/^[.\s]+/, "") // a leading dot hides a file
    .replace(/[.\s]+$/, ""); // Windows drops these
  if (name === "") return "unnamed";
  return shorten(device.test(name) ? `_${name}` : name);
}

/** The same name with a number, for a file beside one that has it: `lake.jpg` becomes `lake-2.jpg`. */
export function numberedFileName(name: string, number: number): string {
  const extension = extname(name);
  return `${name.slice(0, name.length - extension.length)}-${number}${extension}`;
}

/** Cuts between characters, before the extension where that is no longer than one. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const extension = Buffer.byteLength(extname(name)) <= 20 ? extname(name) : "";
  let stem = "";
  for (const { segment } of new Intl.Segmenter().segment(name.slice(0, name.length - extension.length))) {
    if (Buffer.byteLength(stem + segment + extension) > longest) break;
    stem += segment;
  }
  return stem.trimEnd() + extension;
}
