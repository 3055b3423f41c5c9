import { describe, expect, test, vi } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { createConfigurationRoot } from "./configuration-root.ts";
import type { FoundFile } from "./configuration-root.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { validateConfiguration } from "./validate-configuration.ts";

/** A root over one file that a test rewrites by setting `text`, weaker than one variable, Own__fixed=1. */
async function createRoot(text: string | undefined) {
  const disk = { text, reads: 0 };
  const errors: Error[] = [];
  const readFiles = (): Promise<FoundFile[]> => {
    disk.reads++;
    return Promise.resolve([{ file: "/app/appsettings.json", found: disk.text === undefined ? { kind: "missing" } : { kind: "text", text: disk.text } }]);
  };
  const root = await createConfigurationRoot({
    environment: "Testing",
    files: ["/app/appsettings.json"],
    readFiles,
    fixedLayers: [readEnvironmentLayer({ Own__fixed: "1" })],
    problems: [],
    report: error => errors.push(error),
  });
  return { root, disk, errors };
}

describe("ConfigurationRoot", () => {
  test("reload puts new values in place everywhere at once, and tells which keys changed", async () => {
    const { root, disk } = await createRoot('{ "A": { "b": 1 }, "Own": { "fixed": 0 } }');
    const section = root.section("A");
    const snapshot = root.snapshot;
    const changes: string[][] = [];
    root.onChange(change => void changes.push([...change.keys, String(root.get("A:b")), String(section.get("b"))]));
    disk.text = '{ "A": { "b": 2 }, "Own": { "fixed": 7 }, "C": true }';
    const result = await root.reload();
    expect(result.kind === "changed" && result.change.affects("a:B")).toBe(true);
    expect(changes).toEqual([["A:b", "C", "2", "2"]]);
    expect(snapshot.get("A:b")).toBe(1);
    expect(root.snapshot.get("A:b")).toBe(2);
  });

  test("reload without a change of values tells nobody, but follows lines that moved", async () => {
    const { root, disk } = await createRoot('{ "A": 1 }');
    const listener = vi.fn();
    root.onChange(listener);
    expect(await root.reload()).toEqual({ kind: "unchanged" });
    disk.text = '// moved\n{ "A": 1 }';
    expect(await root.reload()).toEqual({ kind: "unchanged" });
    expect(listener).not.toHaveBeenCalled();
    expect(root.source("A")).toBe("appsettings.json:2");
  });

  test("reload reads a file that appears and one that goes", async () => {
    const { root, disk } = await createRoot(undefined);
    disk.text = '{ "A": { "b": 1 } }';
    expect(await root.reload()).toMatchObject({ kind: "changed" });
    disk.text = undefined;
    expect(await root.reload()).toMatchObject({ kind: "changed" });
    expect(root.toObject()).toEqual({ Own: { fixed: 1 } });
  });

  test("reload keeps the last good values where the file is broken, and reports it once", async () => {
    const { root, disk, errors } = await createRoot('{ "A": { "b": 1 } }');
    const listener = vi.fn();
    root.onChange(listener);
    disk.text = '{ "A": { "b": 2, } }';
    const refused = await root.reload();
    expect(await root.reload()).toEqual(refused);
    expect(refused).toMatchObject({
      kind: "refused",
      error: { code: "SORA_CONFIGURATION_INVALID", details: { problems: [{ line: 1, got: "a trailing comma" }] } },
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]!.message).toMatch(/^Kept the last good configuration; /);
    expect(listener).not.toHaveBeenCalled();
    expect(root.get("A:b")).toBe(1);
    disk.text = '{ "A": { "b": 3 } }';
    expect(await root.reload()).toMatchObject({ kind: "changed" });
    expect(root.get("A:b")).toBe(3);
  });

  test("reload does not judge a file that is seen between being emptied and being filled", async () => {
    for (const part of ["", '{ "A": { "b"']) {
      const { root, disk, errors } = await createRoot('{ "A": { "b": 1 } }');
      disk.text = part;
      const reloaded = root.reload();
      await new Promise(setImmediate);
      disk.text = '{ "A": { "b": 2 } }';
      expect(await reloaded).toMatchObject({ kind: "changed" });
      expect(root.get("A:b")).toBe(2);
      expect(errors).toEqual([]);
    }
  });

  test("reload holds the candidate against every check, also one that takes its time or fails", async () => {
    const { root, disk, errors } = await createRoot('{ "A": { "b": 1 } }');
    const problem = { path: "A:b", source: "test", expected: "1", got: "2", fix: "" };
    const check = root.addCheck(async candidate => {
      await Promise.resolve();
      return { problems: candidate.get("A:b") === 1 ? [] : [problem], warnings: [] };
    });
    disk.text = '{ "A": { "b": 2 } }';
    expect(await root.reload()).toMatchObject({ kind: "refused", error: { details: { problems: [problem] } } });
    check.dispose();
    using _failing = root.addCheck(() => {
      throw new Error("check broke");
    });
    disk.text = '{ "A": { "b": 3 } }';
    expect(await root.reload()).toMatchObject({ kind: "refused" });
    expect(errors.at(-1)!.message).toContain("check broke");
    expect(root.get("A:b")).toBe(1);
  });

  test("reload hands the warnings of its checks to listeners", async () => {
    const { root, disk } = await createRoot("{}");
    root.addCheck(() => ({ problems: [], warnings: [{ path: "A", source: "s", message: "odd" }] }));
    const listener = vi.fn();
    root.onChange(listener);
    disk.text = '{ "A": 1 }';
    await root.reload();
    expect(listener).toHaveBeenCalledWith(expect.objectContaining({ warnings: [{ path: "A", source: "s", message: "odd" }] }));
  });

  test("reloads asked for together take turns and see the newest file", async () => {
    const { root, disk } = await createRoot('{ "A": 0 }');
    const reloads = [1, 2, 3].map(value => {
      disk.text = `{ "A": ${value} }`;
      return root.reload();
    });
    expect((await Promise.all(reloads)).map(({ kind }) => kind)).toEqual(["changed", "unchanged", "unchanged"]);
    expect(root.get("A")).toBe(3);
  });

  test("onChange keeps listeners apart: one that throws or rejects is reported, one that ended is not called", async () => {
    const { root, disk, errors } = await createRoot("{}");
    const called = vi.fn();
    root.onChange(() => {
      throw new Error("thrown");
    });
    root.onChange(() => Promise.reject(new Error("rejected")));
    const ended = root.onChange(called);
    root.onChange(called);
    ended.dispose();
    ended.dispose();
    disk.text = '{ "A": 1 }';
    await root.reload();
    await new Promise(setImmediate);
    expect(called).toHaveBeenCalledOnce();
    expect(errors.map(({ message }) => message)).toEqual(["thrown", "rejected"]);
  });
});

describe("validateConfiguration", () => {
  const withInterval = (seconds: number | string) => JSON.stringify({ Sora: { BackgroundServices: { Services: { X: { IntervalSeconds: seconds } } } } });

  test("throws every problem of sources and sections in one error", async () => {
    const { root } = await createRoot('{ "Sora": { "Web": { "Port": -1, } }, "a": 1, "A": 2 }');
    const thrown = (() => {
      try {
        validateConfiguration(root);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    if (!SoraError.is(thrown, "SORA_CONFIGURATION_INVALID")) throw new Error("not the error that was expected", { cause: thrown });
    expect(thrown.message).toBe(
      [
        "Cannot start the host with this configuration: 3 problems.",
        "  1. appsettings.json:1: expected no comma before the closing }, got a trailing comma. Remove the comma.",
        "  2. A (appsettings.json:1): expected each name once, whatever its case, got it again on line 1. Keep one of them.",
        "  3. Sora:Web:Port (appsettings.json:1): expected an integer from 0 to 65535, got -1. Give Port such a value, for example 4310, or remove it.",
      ].join("\n"),
    );
    expect(thrown.details["problems"]).toHaveLength(3);
  });

  test("throws its caller's own problems with the others", async () => {
    const { root } = await createRoot(withInterval(0));
    const found = [{ path: "Own", source: "test", expected: "1", got: "2", fix: "" }];
    expect(() => validateConfiguration(root, {}, found)).toThrow(/: 2 problems\./);
  });

  test("holds later reloads to the same rules", async () => {
    const { root, disk } = await createRoot(withInterval(60));
    expect(validateConfiguration(root, { serviceNames: ["X"] })).toEqual([]);
    disk.text = withInterval(0);
    expect(await root.reload()).toMatchObject({ kind: "refused" });
    disk.text = withInterval(5);
    expect(await root.reload()).toMatchObject({ kind: "changed" });
  });

  test("returns warnings, which stop nothing", async () => {
    const { root } = await createRoot(withInterval(60));
    expect(validateConfiguration(root, { serviceNames: ["Y"] })).toMatchObject([{ path: "Sora:BackgroundServices:Services:X" }]);
  });

  test("lists fifty problems in the message and all of them in the details", async () => {
    const entries = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`S${index}`, { Priority: "high" }]));
    const { root } = await createRoot(JSON.stringify({ Sora: { BackgroundServices: { Services: entries } } }));
    expect(() => validateConfiguration(root)).toThrow(/: 70 problems\.\n[^]*\n {2}50\. [^\n]*\n {2}… and 20 more$/);
  });
});
