import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FileFailed, FileProcessed, FileProcessingService, FileUploaded, InboxScanned } from "./file-processing.service.ts";
import { TestStudio } from "./test-studio.ts";

const services = [FileProcessingService];

describe("FileProcessingService", () => {
  test("saves what a file is, and tells of it before and after", async () => {
    await using studio = await TestStudio.start({ services, files: ["postcard.jpg", "vinterbad.latin1.txt"] });
    const { host, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const told = host.events.all().map(({ event, args }) => [(args as { fileId?: string }).fileId ?? "", event]);
    expect(told.toSorted(([a = ""], [b = ""]) => a.localeCompare(b))).toEqual([
      ["", "InboxScanned"],
      ["postcard.jpg", "FileUploaded"],
      ["postcard.jpg", "FileProcessed"],
      ["vinterbad.latin1.txt", "FileUploaded"],
      ["vinterbad.latin1.txt", "FileProcessed"],
    ]);
    expect(told.at(-1)).toEqual(["", "InboxScanned"]);
    expect(database.findFile("postcard.jpg")).toMatchObject({ kind: "picture", format: "png", seenAt: host.clock.now() });
    expect(database.findFile("vinterbad.latin1.txt")).toMatchObject({ kind: "text", format: "latin-1", statistics: { language: "sv" } });
    expect(host.logs.map(line => line.message)).toContain("postcard.jpg: png picture, 49 kB, whatever its name says");
  });

  test("looks again every five seconds, and processes only what is new or has changed", async () => {
    await using studio = await TestStudio.start({ services, files: ["market-morning.txt"] });
    const { host, folders } = studio;
    await host.clock.advance("5s");
    await host.events.next(InboxScanned);
    studio.drop("empty.txt");
    await host.clock.advance("5s");
    expect(await host.events.next(InboxScanned)).toEqual({ processed: 1, failed: 0, unchanged: 1, gone: 0 });
    writeFileSync(folders.received("empty.txt"), "empty no more");
    await host.clock.advance("5s");
    expect(await host.events.next(InboxScanned)).toEqual({ processed: 1, failed: 0, unchanged: 1, gone: 0 });
    expect(host.events.all(FileUploaded).map(({ args }) => args.kind)).toEqual(["text", "empty", "text"]);
  });

  test("knows after a restart what was processed before it", async () => {
    await using studio = await TestStudio.start({ services, files: ["market-morning.txt", "postcard.jpg"] });
    const { host } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    await host.restartService(FileProcessingService);
    host.events.clear();
    await host.services(FileProcessingService).do("trigger").execute();
    expect(host.events.all().map(({ args }) => args)).toEqual([{ processed: 0, failed: 0, unchanged: 2, gone: 0 }]);
  });

  test("answers any number of pokes with one run that goes on and one that waits", async () => {
    await using studio = await TestStudio.start({ services, files: ["market-morning.txt"] });
    const client = studio.host.services(FileProcessingService);
    await Promise.all(Array.from({ length: 100 }, () => client.do("trigger").execute()));
    expect(await client.query().getStatus()).toMatchObject({ runs: 2, waiting: 0 });
  });

  test("forgets files that have left the inbox", async () => {
    await using studio = await TestStudio.start({ services, files: ["empty.txt"] });
    const { host, folders, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    rmSync(folders.received("empty.txt"));
    await host.services(FileProcessingService).do("trigger").execute();
    expect(database.summarize()).toEqual([]);
    expect(host.events.all(InboxScanned).at(-1)?.args).toEqual({ processed: 0, failed: 0, unchanged: 0, gone: 1 });
    studio.drop("empty.txt");
    await host.services(FileProcessingService).do("trigger").execute();
    expect(host.events.count(FileProcessed)).toBe(2);
  });

  test("looks at four files at once, and goes on to the next when whoever was told of one has done with it", async () => {
    const files = ["asa-no-sanpo.txt", "fahrradwerkstatt.txt", "le-jardin-partage.txt", "market-morning.txt", "release-notes.md"];
    await using studio = await TestStudio.start({ services, files });
    const { host } = studio;
    const gates = new Map<string, () => void>();
    using _ = await host
      .services(FileProcessingService)
      .on(FileProcessed)
      .withConcurrency(10)
      .do(({ fileId }) => new Promise<void>(resolve => gates.set(fileId, resolve)))
      .subscribe();
    const run = host.services(FileProcessingService).do("trigger").execute();
    await expect.poll(() => gates.size).toBe(4);
    await host.clock.settle();
    expect([...gates.keys()].toSorted()).toEqual(files.slice(0, 4));
    gates.get("fahrradwerkstatt.txt")?.();
    await expect.poll(() => gates.size).toBe(5);
    for (const open of gates.values()) open();
    await run;
    expect(await host.events.next(InboxScanned)).toEqual({ processed: 5, failed: 0, unchanged: 0, gone: 0 });
  });

  test.runIf(process.platform === "linux")("lists a file that cannot be read with its problem, and examines it once it can be", async () => {
    await using studio = await TestStudio.start({ services });
    const { host, folders, database } = studio;
    symlinkSync("/proc/self/mem", folders.received("memory")); // not even root can read its beginning
    await host.services(FileProcessingService).do("trigger").execute();
    expect(database.summarize()).toMatchObject([{ path: "memory", kind: "unknown", problem: "EIO: i/o error" }]);
    rmSync(folders.received("memory"));
    writeFileSync(folders.received("memory"), "Now it is a text.");
    await host.services(FileProcessingService).do("trigger").execute();
    expect(database.findFile("memory")).toMatchObject({ kind: "text", bytes: 17 });
    expect(database.findFile("memory")?.problem).toBeUndefined();
  });

  test("notes a text that is too long as a problem, and goes on with the others", async () => {
    await using studio = await TestStudio.start({ services, files: ["postcard.jpg"] });
    const { host, folders, database } = studio;
    writeFileSync(folders.received("a-long-one.txt"), "word ".repeat(200_001));
    await host.services(FileProcessingService).do("trigger").execute();
    expect(await host.events.next(FileFailed)).toMatchObject({ fileId: "a-long-one.txt", error: expect.stringContaining("1,000,005 bytes") });
    expect(database.findFile("a-long-one.txt")?.problem).toContain("1,000,005 bytes");
    expect(await host.events.next(InboxScanned)).toEqual({ processed: 1, failed: 1, unchanged: 0, gone: 0 });
  });
});
