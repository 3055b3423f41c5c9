import { appendFileSync } from "node:fs";
import { watch } from "node:fs/promises";
import { expect, test } from "vitest";
import { FileProcessed, FileProcessingService, InboxScanned } from "./file-processing.service.ts";
import { InboxWatcher } from "./inbox-watcher.service.ts";
import { TestStudio } from "./test-studio.ts";

const services = [FileProcessingService, InboxWatcher];
const configuration = { Sora: { BackgroundServices: { Services: { FileProcessingService: { IntervalSeconds: 3_600 } } } } }; // the watcher alone

test("InboxWatcher has a dropped file processed without waiting for the next look", async () => {
  await using studio = await TestStudio.start({ services, configuration });
  const { host } = studio;
  studio.drop("market-morning.txt");
  await expect
    .poll(async () => {
      await host.clock.advance("100ms"); // the folder's changes come in real time
      return host.events.count(FileProcessed);
    })
    .toBe(1);
});

test("InboxWatcher leaves a file alone that is still being written", async () => {
  await using studio = await TestStudio.start({ services, configuration });
  const { host, folders } = studio;
  await host.clock.advance(1); // the look on start-up
  await host.events.next(InboxScanned, 8_000);
  const changes = watch(folders.inbox)[Symbol.asyncIterator]();
  for (let part = 0; part < 50; part++) {
    appendFileSync(folders.received("growing.txt"), "It grows and grows. ");
    await changes.next();
    await host.clock.advance("20ms");
  }
  await changes.return?.();
  expect(host.events.count(FileProcessed)).toBe(0);
  await expect
    .poll(async () => {
      await host.clock.advance("100ms");
      return host.events.count(FileProcessed);
    })
    .toBe(1);
});
