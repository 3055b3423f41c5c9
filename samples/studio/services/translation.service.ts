import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import {
  Clock,
  DependencyUnavailableError,
  inject,
  ServiceAction,
  ServiceEvent,
  SoraBackgroundService,
  SoraFluentServiceBase,
  SoraServiceEvents,
} from "@sora/core";
import type { ActionContext, Parsed } from "@sora/core";
import * as z from "zod";
import type { TextEncoding } from "../src/detect-file-type.ts";
import { LibreTranslateError } from "../src/libretranslate-client.ts";
import { Limiter } from "../src/limiter.ts";
import { readText } from "../src/read-text.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders, translationPath } from "../src/studio-folders.ts";
import type { StudioTranslation } from "../src/studio-records.ts";
import { createTextTranslator } from "../src/text-translator.ts";
import type { TextTranslator } from "../src/text-translator.ts";

export const TranslationOptions = z.object({ fileId: z.string(), from: z.string().default("auto"), to: z.string() });
type TranslationOptions = Parsed<typeof TranslationOptions>;

/** Who waits for a turn beyond that does so by the call's priority. */
const mostAtOnce = 5;

const TranslationSettings = z.object({
  /** A LibreTranslate server. Without one, texts are pseudo-localized. */
  serverUrl: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: z.string().optional(),
  supportedLanguages: z.array(z.string()).default(["en", "pt-BR", "es", "fr"]),
  maxConcurrentTranslations: z.int().min(1).max(mostAtOnce).default(mostAtOnce),
});

/** Translates texts of the inbox. */
@SoraBackgroundService({ settings: TranslationSettings })
@ServiceEvent(SoraServiceEvents.Translation.Started)
@ServiceEvent(SoraServiceEvents.Translation.Completed)
@ServiceEvent(SoraServiceEvents.Translation.Failed)
export class TranslationService extends SoraFluentServiceBase<z.output<typeof TranslationSettings>> {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);
  readonly #limiter = new Limiter(() => this.settings.maxConcurrentTranslations);
  /** What was asked for while the server was away, by file and language. */
  readonly #waiting = new Map<string, TranslationOptions>();
  /** What is being translated, by file and language. */
  readonly #underWay = new Map<string, Promise<void>>();
  #translator: { readonly settings: unknown; readonly current: TextTranslator } | undefined;

  override async executeCore(signal: AbortSignal): Promise<void> {
    if (this.settings.serverUrl === undefined) this.logger.info("No translation server is configured: texts are pseudo-localized");
    for await (const _ of this.periodicTimer("10s", signal)) await this.services(TranslationService).do("check-queue").execute();
  }

  /** Translates a text, unless this very text has been: what an upload and the workflow ask for at once is made once. It is tried again where its process died; a server that is away has a queue of its own. */
  @ServiceAction("translate", { parameters: TranslationOptions, concurrency: mostAtOnce, retry: { attempts: 5, retryIf: () => false } })
  async translate(options: TranslationOptions, { signal }: ActionContext): Promise<StudioTranslation> {
    const key = keyOf(options);
    for (let other = this.#underWay.get(key); other !== undefined; other = this.#underWay.get(key)) await other;
    const made = this.#findMade(options);
    if (made !== undefined) return made;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#underWay.set(key, promise);
    try {
      return await this.#tellAndTranslate(options, signal);
    } finally {
      this.#underWay.delete(key);
      resolve();
    }
  }

  /** The languages that may be asked for. */
  @ServiceAction("list-languages")
  async listLanguages(): Promise<readonly string[]> {
    return this.settings.supportedLanguages;
  }

  async #tellAndTranslate(options: TranslationOptions, signal: AbortSignal): Promise<StudioTranslation> {
    const { fileId, from, to } = options;
    await this.emit(SoraServiceEvents.Translation.Started, { fileId, from, to });
    try {
      const translation = await this.#limiter.run(() => this.#translate(options, signal));
      await this.emit(SoraServiceEvents.Translation.Completed, { fileId, from: translation.from, to });
      return translation;
    } catch (error) {
      signal.throwIfAborted();
      const failure = this.#noteFailure(options, error);
      await this.emit(SoraServiceEvents.Translation.Failed, { fileId, error: String(failure) });
      throw failure;
    }
  }

  /** Does what had to wait for the server, and translates in earnest what was pseudo-localized before there was one. */
  @ServiceAction("check-queue")
  async checkQueue({ signal }: ActionContext): Promise<{ translated: number }> {
    const queue = this.#queue();
    if (queue.length === 0 || !(await this.#canTranslate(signal))) return { translated: 0 };
    this.logger.info(`${queue.length} texts have waited for the translation server`);
    const done = await Promise.allSettled(queue.map(options => this.services(TranslationService).do("translate", options).execute()));
    return { translated: done.filter(({ status }) => status === "fulfilled").length };
  }

  async #translate({ fileId, from, to }: TranslationOptions, signal: AbortSignal): Promise<StudioTranslation> {
    const { supportedLanguages } = this.settings;
    if (!supportedLanguages.includes(to)) throw new Error(`Cannot translate into ${to}: the studio is set up for ${supportedLanguages.join(", ")}.`);
    const file = this.#database.findFile(fileId);
    if (file?.kind !== "text") throw new Error(`There is no text ${fileId} in the inbox.`);

    const text = await readText(this.#folders.received(file.path), file.format as TextEncoding, signal);
    const translator = this.#currentTranslator();
    const { engine } = translator;
    const translated = await translator.translate({ text, from, to }, signal);
    const path = translationPath(file.path, to);
    await writeFile(this.#folders.made(path), translated.text, { signal });

    const madeAt = this.#clock.now();
    const translation: StudioTranslation = { fileId, from: translated.from, to, engine, path, characters: translated.text.length, madeAt };
    // the file may have changed meanwhile, or be gone: what was made of its former content is not kept for the new one's
    if (this.#database.findFile(fileId)?.sha256 !== file.sha256) return translation;
    this.#database.saveTranslation(translation);
    this.#database.saveOutput({ fileId, path, kind: "translation", bytes: Buffer.byteLength(translated.text), madeAt });
    this.#database.saveProblem(fileId, undefined);
    this.#waiting.delete(keyOf(translation));
    this.logger.info(`${fileId}: ${engine === "libretranslate" ? "translated into" : "pseudo-localized for"} ${to}`);
    return translation;
  }

  /** What was made of the text as it is now, by the translator in use. */
  #findMade({ fileId, from, to }: TranslationOptions): StudioTranslation | undefined {
    const { engine } = this.#currentTranslator();
    return this.#database
      .translationsOf(fileId)
      .find(made => made.to === to && made.engine === engine && (from === "auto" || from === made.from) && existsSync(this.#folders.made(made.path)));
  }

  /** A server that is away is no fault of the text: the request waits. Anything else is noted as a problem of the file. */
  #noteFailure(options: TranslationOptions, error: unknown): unknown {
    if (error instanceof LibreTranslateError && error.mayPass) {
      this.#waiting.set(keyOf(options), options);
      return new DependencyUnavailableError("The translation server", error);
    }
    this.#database.saveProblem(options.fileId, error instanceof Error ? error.message : String(error));
    return error;
  }

  #queue(): readonly TranslationOptions[] {
    const queue = new Map(this.#waiting);
    if (this.settings.serverUrl !== undefined) {
      for (const { fileId, to } of this.#database.pseudoTranslations()) queue.set(keyOf({ fileId, to }), { fileId, from: "auto", to });
    }
    return [...queue.values()];
  }

  async #canTranslate(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#currentTranslator().ping(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      return !(error instanceof LibreTranslateError && error.mayPass);
    }
  }

  /** The settings may change while the studio runs; a changed server is used from the next text on. */
  #currentTranslator(): TextTranslator {
    const { settings } = this;
    if (this.#translator?.settings !== settings) this.#translator = { settings, current: createTextTranslator(settings.serverUrl, settings.apiKey) };
    return this.#translator.current;
  }
}

function keyOf({ fileId, to }: { readonly fileId: string; readonly to: string }): string {
  return `${to} ${fileId}`;
}
