import { placeFile } from "../src/place-file.ts";
import { HttpRefusal } from "../src/http-refusal.ts";
import { receiveUpload } from "../src/receive-upload.ts";
import { safeFileName } from "../src/safe-file-name.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { FileProcessingService } from "../services/file-processing.service.ts";
import { TranslationService } from "../services/translation.service.ts";
import type { SoraHost } from "@sora/core";
import type { RouteContext } from "./route.ts";

/** What became of an upload: the file's id, and why something could not be made from it. */
export interface Uploaded {
  readonly fileId: string;
  readonly problem?: string;
}

/**
 * `POST /upload?targetLanguage=pt-BR` with a form whose field `file` has the file: puts it into the inbox, has it looked at, and a text translated before others that wait. A file that has
 * arrived stays, whatever becomes of it then.
 */
export async function uploadFile({ host, request, query }: RouteContext): Promise<Uploaded> {
  const targetLanguage = query.get("targetLanguage") ?? "pt-BR";
  const languages = await host.services(TranslationService).do("list-languages").execute();
  if (!languages.includes(targetLanguage))
    throw new HttpRefusal(400, `Cannot translate into ${JSON.stringify(targetLanguage.slice(0, 40))}: the studio is set up for ${languages.join(", ")}.`);

  const { inbox } = host.get(StudioFolders);
  const limit = host.configuration.get("Studio:UploadMegabytes", 20) * 1_000_000;
  const { path, name } = await receiveUpload(request, { folder: inbox, field: "file", limit });
  const fileId = await placeFile(path, inbox, safeFileName(name));
  try {
    await processFile(host, fileId, targetLanguage);
    return { fileId };
  } catch (error) {
    return { fileId, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function processFile(host: SoraHost, fileId: string, to: string): Promise<void> {
  await host.services(FileProcessingService).do("trigger").execute();
  const file = host.get(StudioDatabase).findFile(fileId);
  if (file?.problem !== undefined) throw new Error(file.problem);
  if (file?.kind === "text") await host.services(TranslationService).do("translate", { fileId, from: "auto", to }).withPriority(10).execute();
}
