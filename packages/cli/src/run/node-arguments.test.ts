import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nodeArguments, ownModule } from "./node-arguments.ts";

const register = import.meta.resolve("@sora/core/register");

describe("nodeArguments", () => {
  test("runs a program behind the hook, with its own arguments after it", () => {
    expect(nodeArguments({ kind: "program", file: "/nowhere/main.ts" }, ["--flag", "x"], { web: true }, ["file:///more.ts"])).toEqual([
      "--import",
      register,
      "--import",
      "file:///more.ts",
      "/nowhere/main.ts",
      "--flag",
      "x",
    ]);
  });

  test("refuses what a program does not take", () => {
    const program = { kind: "program", file: "/nowhere/main.ts" } as const;
    expect(() => nodeArguments(program, [], { web: true, port: 8080 })).toThrow("--port is for a folder.");
    expect(() => nodeArguments(program, [], { web: false })).toThrow("--no-web is for a folder.");
  });

  test("refuses arguments for a folder, which has nobody to read them", () => {
    const folder = { kind: "folder", folder: "/nowhere/services", contentRoot: "/nowhere" } as const;
    expect(() => nodeArguments(folder, ["extra", "a b"], { web: true })).toThrow('A folder takes no arguments, and was given "extra" "a b".');
  });

  test("runs this package's own program for a folder, and tells it what to do", () => {
    const [importFlag, hook, program, options] = nodeArguments({ kind: "folder", folder: "/nowhere/services", contentRoot: "/nowhere" }, [], {
      web: false,
      port: 0,
      debug: true,
      json: true,
    });
    expect([importFlag, hook]).toEqual(["--import", register]);
    expect(existsSync(program!)).toBe(true);
    expect(JSON.parse(options!)).toEqual({ folder: "/nowhere/services", contentRoot: "/nowhere", web: false, port: 0, debug: true, json: true });
  });
});

test("ownModule names modules that are there", () => {
  for (const path of ["./serve-services.ts", "../dev/report-loaded-files.ts"]) expect(existsSync(fileURLToPath(ownModule(path)))).toBe(true);
});
