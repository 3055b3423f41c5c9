import { expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";

test.each([
  ["utf-8", Buffer.from("\ufeffmaçã\r\nã")],
  ["utf-16le", Buffer.from("\ufeffmaçã\rã", "utf16le")],
  ["utf-16be", Buffer.from("\ufeffmaçã\nã", "utf16le").swap16()],
  ["latin-1", Buffer.from("maçã\r\nã", "latin1")],
] as const)("decodeText reads %s, drops the byte order mark and makes line ends equal", (encoding, bytes) => {
  expect(decodeText(bytes, encoding)).toBe("maçã\nã");
});

test("decodeText reads what Windows adds to Latin-1, and marks what it cannot read", () => {
  expect(decodeText(Buffer.from([0x93, 0x80, 0x94]), "latin-1")).toBe("“€”");
  expect(decodeText(Buffer.from([0x61, 0xff, 0x62]), "utf-8")).toBe("a�b");
});
