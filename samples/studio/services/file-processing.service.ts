import { Clock, inject, ServiceEvent, serviceEvent, SoraPeriodicService, SoraPokablePeriodicServiceBase } from "@sora/core";
import * as z from "zod";
import { hasFittingExtension } from "../src/detect-file-type.ts";
import { examineFile } from "../src/examine-file.ts";
import { listInbox } from "../src/inbox-listing.ts";
import { readText } from "../src/read-text.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { describeFile } from "../src/summary-table.ts";
import { measureText } from "../src/text-statistics.ts";
import type { TextStatistics } from "../src/text-statistics.ts";
import type { ExaminedFile } from "../src/examine-file.ts";
import type { InboxEntry } from "../src/inbox-listing.ts";

const FileArgs = z.object({ fileId: z.string(), kind: z.enum(["picture", "text", "document", "archive", "empty", "unknown"]) });

/** A file is new, or has new content; its type is known. */
export const FileUploaded = serviceEvent("FileUploaded", FileArgs);
/** All that can be known about a file is saved. */
export const FileProcessed = serviceEvent("FileProcessed", FileArgs);
export const FileFailed = serviceEvent("FileFailed", z.object({ fileId: z.string(), error: z.string() }));
/** A look at the inbox that found something new or something gone, and the first one in any case. */
export const InboxScanned = serviceEvent("InboxScanned", z.object({ processed: z.number(), failed: z.number(), unchanged: z.number(), gone: z.number() }));

/** How many files are worked on beside each other, and so how many of these events are being handled at most. */
export const filesAtOnce = 4;

type Outcome = "processed" | "failed" | "unchanged";

/**
 * Looks at the inbox every few seconds, and at once when it is poked, which InboxWatcher does at every change. However often it is poked, one
 * look is under way and one waits at the most, and a full look follows the last poke.
 */
@SoraPeriodicService({ intervalSeconds: 5, runOnStartup: true })
@ServiceEvent(FileUploaded)
@ServiceEvent(FileProcessed)
@ServiceEvent(FileFailed)
@ServiceEvent(InboxScanned)
export class FileProcessingService extends SoraPokablePeriodicServiceBase {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);
  /** What each file looked like when it was last examined, so that an idle look costs next to nothing. */
  readonly #stamps = new Map<string, string>();
  #hasScanned = false;

  override async executePeriodic(signal: AbortSignal): Promise<void> {
    const counts: Record<Outcome, number> = { processed: 0, failed: 0, unchanged: 0 };
    const entries = await listInbox(this.#folders.inbox);
    const rest = entries.values();
    const worker = async (): Promise<void> => {
      for (const entry of rest) {
        if (this.lifetime.stopping.aborted) return; // what is left is found again at the next start
        counts[await this.#lookAt(entry, signal)] += 1;
      }
    };
    await Promise.all(Array.from({ length: filesAtOnce }, worker));
    if (this.lifetime.stopping.aborted) return;
    const gone = this.#forgetAllBut(entries);
    if (this.#hasScanned && counts.processed + counts.failed + gone === 0) return;
    this.#hasScanned = true;
    await this.emit(InboxScanned, { ...counts, gone });
  }

  async #lookAt({ name, bytes, stamp }: InboxEntry, signal: AbortSignal): Promise<Outcome> {
    if (this.#stamps.get(name) === stamp) return "unchanged";
    this.#stamps.set(name, stamp);
    try {
      const file = await examineFile(this.#folders.received(name), signal);
      if (this.#isKnown(name, file)) return "unchanged";
      await this.#process(name, file, signal);
      return "processed";
    } catch (error) {
      signal.throwIfAborted();
      const reason = describeProblem(error);
      if (this.#database.findFile(name) === undefined) this.#database.saveFile({ ...unread, id: name, path: name, bytes, seenAt: this.#clock.now() });
      this.#database.saveProblem(name, reason);
      this.logger.warn(`Cannot process ${name}: ${reason}`);
      await this.emit(FileFailed, { fileId: name, error: reason });
      return "failed";
    }
  }

  /** Whether this very content was processed before, by this run of the program or an earlier one. */
  #isKnown(name: string, { sha256, type }: ExaminedFile): boolean {
    const known = this.#database.findFile(name);
    return known?.sha256 === sha256 && (type.kind !== "text" || known.statistics !== undefined || known.problem !== undefined);
  }

  async #process(name: string, file: ExaminedFile, signal: AbortSignal): Promise<void> {
    const { type, bytes, sha256 } = file;
    this.#database.saveFile({ id: name, path: name, bytes, sha256, kind: type.kind, format: type.format, seenAt: this.#clock.now() });
    await this.emit(FileUploaded, { fileId: name, kind: type.kind });
    const statistics = await this.#measure(name, file, signal);
    this.logger.info(describe(name, file, statistics));
    await this.emit(FileProcessed, { fileId: name, kind: type.kind });
  }

  async #measure(name: string, { type }: ExaminedFile, signal: AbortSignal): Promise<TextStatistics | undefined> {
    if (type.kind !== "text") return undefined;
    const statistics = measureText(await readText(this.#folders.received(name), type.format, signal));
    this.#database.saveStatistics(name, statistics);
    return statistics;
  }

  #forgetAllBut(entries: readonly InboxEntry[]): number {
    const present = new Set(entries.map(({ name }) => name));
    const gone = this.#database.fileIds().filter(id => !present.has(id));
    for (const id of gone) {
      this.#database.forgetFile(id);
      this.#stamps.delete(id);
      this.logger.info(`${id} has left the inbox; what was made from it stays`);
    }
    return gone.length;
  }
}

/** What is wrong, without the path that errors of the file system repeat. */
function describeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "syscall" in error ? error.message.replace(/, \w+( '.*')?$/s, "") : error.message;
}

/** A file that could not even be opened: it is listed with its problem, and examined when it can be. */
const unread = { sha256: "", kind: "unknown", format: "unknown" } as const;

function describe(name: string, { type, bytes }: ExaminedFile, statistics: TextStatistics | undefined): string {
  const misnamed = hasFittingExtension(name, type) ? "" : ", whatever its name says";
  return `${name}: ${describeFile({ ...type, bytes, ...(statistics === undefined ? {} : { statistics }) })}${misnamed}`;
}
