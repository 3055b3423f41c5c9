import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { rejection } from "../testing/rejection.ts";
import { createMemoryStore } from "../testing/index.ts";
import { SoraHost } from "../host/sora-host.ts";
import { readObjectLayer } from "../configuration/object-layer.ts";
import { storeUrlProblems } from "./store-url.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import type { SoraError } from "../errors/sora-error.ts";
import type { SoraHostOptions } from "../host/host-options.ts";

const kinds = "a URL that begins with file:, postgres:, postgresql:, memory:";

/** A content root with a folder in it, whose settings hold this URL and a mistake beside it. */
async function contentRoot(url: unknown, level = "loud"): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "sora-url-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await mkdir(join(root, "folder"));
  const settings = { Sora: { Store: { Url: url }, Logging: { Level: level } } };
  await writeFile(join(root, "appsettings.json"), JSON.stringify(settings, null, 1));
  return root;
}

function start(root: string, options?: SoraHostOptions): Promise<SoraHost> {
  return SoraHost.start({ contentRoot: root, environment: "Development", logger: false, watchConfiguration: false, ...options });
}

test.each<[url: unknown, expected: string, got: string]>([
  [5, kinds, "5"],
  [true, kinds, "true"],
  ["redis://127.0.0.1", kinds, 'the string "redis://127.0.0.1"'],
  ["sora.db", kinds, 'the string "sora.db"'],
  ["FILE:./sora.db", kinds, 'the string "FILE:./sora.db"'],
  ["", kinds, 'the string ""'],
  ["file:./folder", "the URL of a file", "the folder ROOT/folder"],
  ["file:", "the URL of a file", "the folder ROOT"],
  ["file://db.example/sora.db", "the URL of a file", '"file://db.example/sora.db", which names no path of this machine'],
  ["file:///a%2Fb", "the URL of a file", '"file:///a%2Fb", which names no path of this machine'],
  ["file:///a%00b", "the URL of a file", "a path with U+0000"],
  ["postgres://ada:secret@[db/shop", "the URL of a server", "one that cannot be read"],
])("Sora:Store:Url %o is a problem among the others, and no store is made", async (url, expected, got) => {
  const root = await contentRoot(url);
  const file = join(root, "appsettings.json");
  const error = (await rejection(start(root))) as SoraError;
  expect(error).toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
  const problems = error.details["problems"] as readonly ConfigurationProblem[];
  expect(problems).toHaveLength(2);
  expect(problems).toContainEqual(
    expect.objectContaining({ path: "Sora:Store:Url", source: "appsettings.json:4", file, line: 4, expected, got: got.replace("ROOT", root) }),
  );
  expect(problems).toContainEqual(expect.objectContaining({ path: "Sora:Logging:Level", line: 7 }));
  expect(error.message).not.toContain("secret");
  expect((await readdir(root)).toSorted()).toEqual(["appsettings.json", "folder"]);
});

test.each(["memory:", "file:./folder/sora.db", null])("Sora:Store:Url %o is taken", async url => {
  await using host = await start(await contentRoot(url, "error"));
  expect(await host.actions.list()).toEqual({ actions: [] });
});

test.each([
  "postgres://ada:secret@db.example:5432/shop?ssl=true",
  "postgresql://ada:secret@/shop",
  "postgres:///shop?host=/var/run/postgresql",
  "postgres://%2Fvar%2Frun/shop",
  "file:///var/lib/no-such-folder/sora.db",
])("storeUrlProblems finds nothing wrong with %s", url => {
  const { tree } = readObjectLayer({ Sora: { Store: { Url: url } } }, { locate: () => ({ source: "host options" }) });
  expect(storeUrlProblems({ tree }, "/nowhere")).toEqual([]);
});

test("Sora:Store:Url need not be there to be opened where the host was given a store", async () => {
  await using host = await start(await contentRoot("file:./folder", "error"), { store: createMemoryStore() });
  expect(await host.actions.list()).toEqual({ actions: [] });
});

test("no store is opened by a configuration that is refused", async () => {
  const root = await contentRoot("file:./sora.db");
  await expect(start(root)).rejects.toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
  expect((await readdir(root)).toSorted()).toEqual(["appsettings.json", "folder"]);
});
