import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { FileProcessingService } from "./file-processing.service.ts";
import { ImageProcessingService, ProcessingCompleted, ProcessingFailed, ProcessingProgress } from "./image-processing.service.ts";
import { TestStudio } from "./test-studio.ts";

const services = [FileProcessingService, ImageProcessingService];

describe("ImageProcessingService", () => {
  test("generate-thumbnail makes a PNG of 200 × 200 and tells each step", async () => {
    await using studio = await TestStudio.start({ services, files: ["portrait-of-a-gardener.jpg"] });
    const { host, folders, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const { path } = await host.services(ImageProcessingService).do("generate-thumbnail", { fileId: "portrait-of-a-gardener.jpg" }).execute();
    expect(await sharp(folders.made(path)).metadata()).toMatchObject({ format: "png", width: 200, height: 200 });
    expect(host.events.all(ProcessingProgress).map(({ args }) => `${args.step} ${args.completedSteps}/${args.totalSteps}`)).toEqual([
      "inspected 1/4",
      "resized 2/4",
      "encoded 3/4",
      "written 4/4",
    ]);
    expect(await host.events.next(ProcessingCompleted)).toEqual({ imageId: "portrait-of-a-gardener.jpg", path });
    expect(database.summarize()[0]?.outputs).toMatchObject([{ kind: "thumbnail", path }]);
  });

  test("generate-thumbnail makes two at once, while a third waits", async () => {
    const files = ["mountain-panorama.jpg", "paper-lantern.png", "sunrise-over-the-lake.jpg"];
    await using studio = await TestStudio.start({ services, files });
    const { host } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const client = host.services(ImageProcessingService);
    const made = Promise.all(files.map(fileId => client.do("generate-thumbnail", { fileId, width: 64, height: 48 }).execute()));
    await host.clock.settle();
    expect(await client.query().getStatus()).toMatchObject({ inFlight: 2, waiting: 1 });
    await made;
    expect(await client.query().getStatus()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test("generate-thumbnail notes the problem of a broken picture", async () => {
    await using studio = await TestStudio.start({ services, files: ["broken-holiday-photo.jpg"] });
    const { host, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const call = host.services(ImageProcessingService).do("generate-thumbnail", { fileId: "broken-holiday-photo.jpg" }).execute();
    await expect(call).rejects.toThrow("damaged");
    expect(await host.events.next(ProcessingFailed)).toMatchObject({ imageId: "broken-holiday-photo.jpg" });
    expect(database.findFile("broken-holiday-photo.jpg")?.problem).toContain("damaged");
  });

  test("generate-thumbnail refuses impossible sizes and files it does not know", async () => {
    await using studio = await TestStudio.start({ services });
    const client = studio.host.services(ImageProcessingService);
    await expect(client.do("generate-thumbnail", { fileId: "a.jpg", width: 0 }).execute()).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    await expect(client.do("generate-thumbnail", { fileId: "../secret" }).execute()).rejects.toThrow("no file ../secret");
  });
});
