import { extname } from "node:path";

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "latin-1";

export type FileType =
  | { readonly kind: "picture"; readonly format: "jpeg" | "png" | "gif" | "webp" }
  | { readonly kind: "text"; readonly format: TextEncoding }
  | { readonly kind: "document"; readonly format: "pdf" }
  | { readonly kind: "archive"; readonly format: "zip" }
  | { readonly kind: "empty"; readonly format: "empty" }
  | { readonly kind: "unknown"; readonly format: "unknown" };

interface Signature {
  readonly type: FileType;
  /** The bytes that must stand at each offset. */
  readonly parts: readonly (readonly [offset: number, bytes: readonly number[]])[];
}

const ascii = (text: string): readonly number[] => [...Buffer.from(text, "latin1")];

const signatures: readonly Signature[] = [
  { type: { kind: "picture", format: "jpeg" }, parts: [[0, [0xff, 0xd8, 0xff]]] },
  { type: { kind: "picture", format: "png" }, parts: [[0, [0x89, ...ascii("PNG\r\n"), 0x1a, 0x0a]]] },
  { type: { kind: "picture", format: "gif" }, parts: [[0, ascii("GIF87a")]] },
  { type: { kind: "picture", format: "gif" }, parts: [[0, ascii("GIF89a")]] },
  {
    type: { kind: "picture", format: "webp" },
    parts: [
      [0, ascii("RIFF")],
      [8, ascii("WEBP")],
    ],
  },
  { type: { kind: "document", format: "pdf" }, parts: [[0, ascii("%PDF-")]] },
  { type: { kind: "archive", format: "zip" }, parts: [[0, [...ascii("PK"), 3, 4]]] },
  { type: { kind: "archive", format: "zip" }, parts: [[0, [...ascii("PK"), 5, 6]]] }, // a zip with nothing in it
  { type: { kind: "text", format: "utf-8" }, parts: [[0, [0xef, 0xbb, 0xbf]]] },
  { type: { kind: "text", format: "utf-16le" }, parts: [[0, [0xff, 0xfe]]] },
  { type: { kind: "text", format: "utf-16be" }, parts: [[0, [0xfe, 0xff]]] },
];

const extensions: Readonly<Record<FileType["format"], readonly string[]>> = {
  jpeg: [".jpg", ".jpeg"],
  png: [".png"],
  gif: [".gif"],
  webp: [".webp"],
  pdf: [".pdf"],
  zip: [".zip", ".docx", ".xlsx", ".pptx", ".odt", ".epub", ".jar"],
  // Text may have any ending but that of something that is no text.
  "utf-8": [],
  "utf-16le": [],
  "utf-16be": [],
  "latin-1": [],
  empty: [],
  unknown: [],
};

/** How many bytes from the start of a file {@link detectFileType} should see: enough to tell text from anything else. */
export const bytesToDetect = 64 * 1024;

/** What a file is, told from its first bytes; its name plays no part. */
export function detectFileType(start: Uint8Array): FileType {
  if (start.length === 0) return { kind: "empty", format: "empty" };
  const known = signatures.find(({ parts }) => parts.every(([offset, bytes]) => bytes.every((byte, index) => start[offset + index] === byte)));
  if (known !== undefined) return known.type;
  if (isUtf8(start)) return { kind: "text", format: "utf-8" };
  if (isLatin1(start)) return { kind: "text", format: "latin-1" };
  return { kind: "unknown", format: "unknown" };
}

/** False for a name that promises something else, such as a PNG called `postcard.jpg`. */
export function hasFittingExtension(fileName: string, type: FileType): boolean {
  const extension = extname(fileName).toLowerCase();
  const fitting = extensions[type.format];
  if (fitting.length > 0) return fitting.includes(extension);
  return type.kind !== "text" || !Object.values(extensions).some(others => others.includes(extension));
}

function isUtf8(bytes: Uint8Array): boolean {
  if (bytes.some(isControl)) return false;
  try {
    // `stream` forgives a character that is cut at the end of what we were given.
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Bytes of Latin-1, or of Windows-1252, which fills most of Latin-1's second block of control characters with letters. */
function isLatin1(bytes: Uint8Array): boolean {
  return !bytes.some(byte => isControl(byte) || [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte));
}

/** Control characters that no text contains: all but tab, line feed, form feed, carriage return and escape. */
function isControl(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte));
}
