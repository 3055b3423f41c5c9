import { expect, test } from "vitest";
import { FileProcessed, FileProcessingService } from "./file-processing.service.ts";
import { InboxWatcher } from "./inbox-watcher.service.ts";
import { TestStudio } from "./test-studio.ts";

test("InboxWatcher has a dropped file processed without waiting for the next look", async () => {
  await using studio = await TestStudio.start({ services: [FileProcessingService, InboxWatcher] });
  studio.drop("market-morning.txt"); // virtual time stands still: no look at the inbox falls due
  expect(await studio.host.events.next(FileProcessed, 8_000)).toEqual({ fileId: "market-morning.txt", kind: "text" });
});
