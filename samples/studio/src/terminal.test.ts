import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { Terminal } from "./terminal.ts";

function open(isTTY: boolean): { readonly terminal: Terminal; written(): string } {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 20 });
  return { terminal: new Terminal(stream), written: () => String(stream.read() ?? "") };
}

describe("Terminal", () => {
  test("keeps the status below the lines, cut to the width", () => {
    const { terminal, written } = open(true);
    terminal.status("1 of 18 files, and much more of it");
    terminal.print("a line");
    terminal.status("");
    const parts = written().split("\r\u001B[2K").map(stripVTControlCharacters);
    expect(parts).toEqual(["", "1 of 18 files, and…", "a line\n1 of 18 files, and…", ""]);
  });

  test("writes lines alone, and plain, where it is no terminal", () => {
    const { terminal, written } = open(false);
    terminal.status("working");
    terminal.print(terminal.paint("red", "a line"));
    expect(written()).toBe("a line\n");
  });

  test("survives a stream that fails", () => {
    const stream = new PassThrough();
    const terminal = new Terminal(stream);
    stream.destroy(new Error("EPIPE"));
    expect(() => terminal.print("a line")).not.toThrow();
  });
});
