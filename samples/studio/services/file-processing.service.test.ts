import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FileFailed, FileProcessed, FileProcessingService, FileUploaded, InboxScanned } from "./file-processing.service.ts";
import { TestStudio } from "./test-studio.ts";

const services = [FileProcessingService];

describe("FileProcessingService", () => {
  test("saves what a file is, and tells of it before and after", async () => {
    await using studio = await TestStudio.start({ services, files: ["postcard.jpg", "vinterbad.latin1.txt"] });
    const { host, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    expect(host.events.all().map(({ event, args }) => [event, (args as { fileId?: string }).fileId])).toEqual([
      ["FileUploaded", "postcard.jpg"],
      ["FileProcessed", "postcard.jpg"],
      ["FileUploaded", "vinterbad.latin1.txt"],
      ["FileProcessed", "vinterbad.latin1.txt"],
      ["InboxScanned", undefined],
    ]);
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

  test("notes a text that is too long as a problem, and goes on with the others", async () => {
    await using studio = await TestStudio.start({ services, files: ["postcard.jpg"] });
    const { host, folders, database } = studio;
    writeFileSync(folders.received("a-long-one.txt"), "word ".repeat(200_001));
    await host.services(FileProcessingService).do("trigger").execute();
    expect(await host.events.next(FileFailed)).toMatchObject({ fileId: "a-long-one.txt", error: expect.stringContaining("1000005 bytes") });
    expect(database.findFile("a-long-one.txt")?.problem).toContain("1000005 bytes");
    expect(await host.events.next(InboxScanned)).toEqual({ processed: 1, failed: 1, unchanged: 0, gone: 0 });
  });
});
