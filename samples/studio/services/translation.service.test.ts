import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SoraServiceEvents } from "@sora/core";
import { describe, expect, test } from "vitest";
import { pseudoLocalizationNotice } from "../src/pseudo-localize.ts";
import { FileProcessingService } from "./file-processing.service.ts";
import { TestStudio } from "./test-studio.ts";
import { TranslationService } from "./translation.service.ts";

const services = [FileProcessingService, TranslationService];
const files = ["market-morning.txt"];
const { Started, Completed, Failed } = SoraServiceEvents.Translation;

/** A LibreTranslate server that is away until told otherwise. */
async function startServer(): Promise<AsyncDisposable & { readonly url: string; away: boolean }> {
  const server = createServer((request, response) => {
    if (state.away) response.writeHead(503).end();
    else if (request.url === "/languages") response.end(JSON.stringify([{ code: "en" }, { code: "pt-BR" }]));
    else response.end(JSON.stringify({ translatedText: "A feira abre às seis.", detectedLanguage: { language: "en" } }));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => new Promise(resolve => server.close(() => resolve()).closeAllConnections());
  const state = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, away: true, [Symbol.asyncDispose]: close };
  return state;
}

function configured(settings: object): object {
  return { Sora: { BackgroundServices: { Services: { TranslationService: { Settings: settings } } } } };
}

describe("TranslationService", () => {
  test("translate pseudo-localizes without a server, and says so in the text and in the log", async () => {
    await using studio = await TestStudio.start({ services, files });
    const { host, folders, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const { path, engine } = await host.services(TranslationService).do("translate", { fileId: "market-morning.txt", to: "pt-BR" }).execute();
    expect(engine).toBe("pseudo-localization");
    expect(readFileSync(folders.made(path), "utf8").split("\n")[0]).toBe(pseudoLocalizationNotice("pt-BR"));
    expect(host.logs.map(line => line.message)).toContain("market-morning.txt: pseudo-localized for pt-BR");
    expect(await host.events.next(Started)).toEqual({ fileId: "market-morning.txt", from: "auto", to: "pt-BR" });
    expect(await host.events.next(Completed)).toEqual({ fileId: "market-morning.txt", from: "en", to: "pt-BR" });
    expect(database.translationsOf("market-morning.txt")).toMatchObject([{ to: "pt-BR", from: "en" }]);
  });

  test("translate waits for a server that is away, and check-queue has it done when the server is back", async () => {
    await using server = await startServer();
    await using studio = await TestStudio.start({ services, files, configuration: configured({ ServerUrl: server.url }) });
    const { host, folders, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const client = host.services(TranslationService);
    const call = client.do("translate", { fileId: "market-morning.txt", to: "pt-BR" }).execute();
    await expect(call).rejects.toMatchObject({ code: "SORA_DEPENDENCY_UNAVAILABLE", dependency: "The translation server" });
    expect(await host.events.next(Failed)).toMatchObject({ fileId: "market-morning.txt" });
    expect(database.findFile("market-morning.txt")?.problem).toBeUndefined();

    expect(await client.do("check-queue").execute()).toEqual({ translated: 0 });
    server.away = false;
    await host.clock.advance("10s"); // it looks by itself
    expect(await host.events.next(Completed, 8_000)).toMatchObject({ from: "en", to: "pt-BR" });
    const [translation] = database.translationsOf("market-morning.txt");
    expect(translation?.engine).toBe("libretranslate");
    expect(readFileSync(folders.made(translation?.path ?? ""), "utf8")).toBe("A feira abre às seis.");
  });

  test("check-queue translates what was pseudo-localized before there was a server", async () => {
    await using server = await startServer();
    server.away = false;
    await using studio = await TestStudio.start({ services, files, configuration: configured({ ServerUrl: server.url }) });
    const { host, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const earlier = { fileId: "market-morning.txt", from: "en", to: "pt-BR", path: "translations/a.txt", characters: 1, madeAt: 1 };
    database.saveTranslation({ ...earlier, engine: "pseudo-localization" });
    expect(await host.services(TranslationService).do("check-queue").execute()).toEqual({ translated: 1 });
    expect(database.translationsOf("market-morning.txt")).toMatchObject([{ engine: "libretranslate" }]);
    expect(await host.services(TranslationService).do("check-queue").execute()).toEqual({ translated: 0 });
  });

  test("translate refuses languages it is not set up for and files that are no texts", async () => {
    await using studio = await TestStudio.start({
      services,
      files: ["postcard.jpg", ...files],
      configuration: configured({ SupportedLanguages: ["en", "es"] }),
    });
    const { host, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const client = host.services(TranslationService);
    await expect(client.do("translate", { fileId: "market-morning.txt", to: "pt-BR" }).execute()).rejects.toThrow("en, es");
    expect(database.findFile("market-morning.txt")?.problem).toContain("en, es");
    await expect(client.do("translate", { fileId: "postcard.jpg", to: "es" }).execute()).rejects.toThrow("no text postcard.jpg");
  });

  test("translate does once what is asked for twice, at once or again, until the text changes", async () => {
    await using studio = await TestStudio.start({ services, files });
    const { host, folders, database } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const translate = (from = "auto") => host.services(TranslationService).do("translate", { fileId: "market-morning.txt", from, to: "pt-BR" }).execute();
    const [first, second, third] = await Promise.all([translate(), translate(), translate()]);
    expect([second, third, await translate(), await translate("en")]).toEqual([first, first, first, first]);
    expect(host.events.count(Completed)).toBe(1);

    rmSync(folders.made(first.path));
    await translate();
    await translate("de"); // it was found to be English
    expect(host.events.count(Completed)).toBe(3);

    writeFileSync(folders.received("market-morning.txt"), "The market has moved.");
    await host.services(FileProcessingService).do("trigger").execute();
    await translate();
    expect(host.events.count(Completed)).toBe(4);
    expect(database.translationsOf("market-morning.txt")).toMatchObject([{ from: "und" }]); // four words are too few to tell
  });

  test("translate tries again for whoever waited for one that failed", async () => {
    await using server = await startServer();
    await using studio = await TestStudio.start({ services, files, configuration: configured({ ServerUrl: server.url }) });
    const { host } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    const translate = () => host.services(TranslationService).do("translate", { fileId: "market-morning.txt", to: "pt-BR" }).execute();
    const calls = [translate(), translate()];
    await Promise.allSettled([calls[0]]);
    server.away = false;
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  test("translate serves those who wait by their priority", async () => {
    await using server = await startServer();
    server.away = false;
    const names = Array.from({ length: 9 }, (_, index) => `${index}.txt`);
    await using studio = await TestStudio.start({ services, configuration: configured({ ServerUrl: server.url }) });
    const { host, folders } = studio;
    for (const name of names) writeFileSync(folders.received(name), `Text number ${name}`);
    await host.services(FileProcessingService).do("trigger").execute();
    const translate = (fileId: string) => host.services(TranslationService).do("translate", { fileId, to: "pt-BR" });
    await Promise.all([...names.slice(0, 8).map(name => translate(name).execute()), translate("8.txt").withPriority(10).execute()]);
    const order = host.events.all(Started).map(({ args }) => args.fileId);
    expect(order.slice(0, 5).toSorted()).toEqual(names.slice(0, 5));
    expect(order[5]).toBe("8.txt");
  });

  test("settings that are wrong keep the host from starting", async () => {
    const start = TestStudio.start({ services, configuration: configured({ ServerUrl: "localhost:5000", MaxConcurrentTranslations: 0 }) });
    await expect(start).rejects.toThrow(/serverUrl[\s\S]*maxConcurrentTranslations/i);
  });
});
