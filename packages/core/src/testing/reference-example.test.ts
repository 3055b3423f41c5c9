import { expect, test } from "vitest";
import * as z from "zod";
import { ServiceAction, ServiceEvent, SoraBackgroundService, SoraFluentServiceBase, SoraServiceEvents, SoraServices, token, inject } from "../index.ts";
import { createTestHost } from "./index.ts";
import type { ActionContext, Parsed, TranslationErrorArgs, TranslationEventArgs } from "../index.ts";

const TranslationOptions = z.object({ fileId: z.string(), from: z.string().default("auto"), to: z.string() });

interface Translator {
  translate(fileId: string, signal: AbortSignal): Promise<string>;
}
const Translator = token<Translator>("Translator");

@SoraBackgroundService({ runInProduction: true })
@ServiceEvent(SoraServiceEvents.Translation.Started)
@ServiceEvent(SoraServiceEvents.Translation.Completed)
@ServiceEvent(SoraServiceEvents.Translation.Failed)
class TranslationService extends SoraFluentServiceBase {
  readonly #translator = inject(Translator);

  @ServiceAction("translate", { parameters: TranslationOptions })
  async translate({ fileId, from, to }: Parsed<typeof TranslationOptions>, { signal }: ActionContext): Promise<{ characters: number }> {
    await this.emit(SoraServiceEvents.Translation.Started, { fileId, from, to });
    try {
      const text = await this.#translator.translate(fileId, signal);
      await this.emit(SoraServiceEvents.Translation.Completed, { fileId, from, to });
      return { characters: text.length };
    } catch (error) {
      await this.emit(SoraServiceEvents.Translation.Failed, { fileId, error: String(error) });
      throw error;
    }
  }

  @ServiceAction("check-queue")
  async checkQueue(): Promise<void> {}
}

test("the reference's test example passes with nothing around it", async () => {
  const completedEvents: TranslationEventArgs[] = [];
  const failedEvents: TranslationErrorArgs[] = [];
  await using host = await createTestHost({ services: [TranslationService], provide: [[Translator, { translate: async () => "olá" }]] });

  const subscription = await SoraServices.of(TranslationService)
    .on(SoraServiceEvents.Translation.Completed)
    .do(async args => void completedEvents.push(args))
    .on(SoraServiceEvents.Translation.Failed)
    .do(async args => void failedEvents.push(args))
    .subscribe();

  const { characters } = await SoraServices.of(TranslationService).do("translate", { fileId: "test.txt", from: "en", to: "pt-BR" }).execute();

  expect(characters).toBe(3);
  expect(completedEvents).toEqual([{ fileId: "test.txt", from: "en", to: "pt-BR" }]);
  expect(failedEvents).toHaveLength(0);
  expect(await host.events.next(SoraServiceEvents.Translation.Started)).toMatchObject({ fileId: "test.txt" });
  subscription.dispose();
});
