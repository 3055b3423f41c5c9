import { describe, expect, test } from "vitest";
import { detectFileType, hasFittingExtension } from "./detect-file-type.ts";

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map(part => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from([part]))));

describe("detectFileType", () => {
  test.each([
    ["a JPEG", bytes(0xff, 0xd8, 0xff, 0xe0, "..JFIF"), "jpeg"],
    ["a PNG", bytes(0x89, "PNG\r\n", 0x1a, "\n"), "png"],
    ["a GIF of 1987", bytes("GIF87a"), "gif"],
    ["a GIF of 1989", bytes("GIF89a"), "gif"],
    ["a WebP", bytes("RIFF....WEBPVP8 "), "webp"],
    ["a PDF", bytes("%PDF-1.7"), "pdf"],
    ["a zip", bytes("PK", 3, 4), "zip"],
    ["an empty zip", bytes("PK", 5, 6), "zip"],
    ["nothing", bytes(), "empty"],
    ["plain ASCII", bytes("Hello\tworld\r\n"), "utf-8"],
    ["UTF-8", Buffer.from("ação 日本 👩‍🚀"), "utf-8"],
    ["UTF-8 with a byte order mark", Buffer.from("\ufeffhello"), "utf-8"],
    ["UTF-8 cut inside a character", Buffer.from("日本").subarray(0, 5), "utf-8"],
    ["UTF-16 little-endian", Buffer.from("\ufeffhej", "utf16le"), "utf-16le"],
    ["UTF-16 big-endian", Buffer.from("\ufeffhej", "utf16le").swap16(), "utf-16be"],
    ["Latin-1", bytes("sm\u00f6rg\u00e5s"), "latin-1"],
    ["Windows-1252 quotation marks", bytes(0x93, "hej", 0x94), "latin-1"],
    ["a program", bytes(0x7f, "ELF", 2, 1, 1, 0), "unknown"],
    ["a sound (RIFF, but no WebP)", bytes("RIFF", 0, 1, 0, 0, "WAVE"), "unknown"],
    ["the first two bytes of a PNG", bytes(0x89, "P"), "latin-1"],
  ])("tells %s by its bytes", (_what, start, format) => {
    expect(detectFileType(start).format).toBe(format);
  });
});

describe("hasFittingExtension", () => {
  test.each([
    ["a.JPG", bytes(0xff, 0xd8, 0xff), true],
    ["a.jpeg", bytes(0xff, 0xd8, 0xff), true],
    ["a.jpg", bytes(0x89, "PNG\r\n", 0x1a, "\n"), false],
    ["picture", bytes(0x89, "PNG\r\n", 0x1a, "\n"), false],
    ["notes.txt", bytes("hello"), true],
    ["notes.md", bytes("hello"), true],
    ["Makefile", bytes("hello"), true],
    ["notes.png", bytes("hello"), false],
    ["report.docx", bytes("PK", 3, 4), true],
    ["anything.bin", bytes(0, 1, 2), true],
  ])("says whether %s is a good name for its content", (name, start, fitting) => {
    expect(hasFittingExtension(name, detectFileType(start))).toBe(fitting);
  });
});
