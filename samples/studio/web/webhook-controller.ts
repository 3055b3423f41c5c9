import * as z from "zod";
import { HttpRefusal } from "../src/http-refusal.ts";
import { readJson } from "../src/read-json.ts";
import { DataSyncService, SyncOptions } from "../services/data-sync.service.ts";
import type { RouteContext } from "./route.ts";

const longest = 64 * 1024;

/** `POST /api/webhooks/data-changed` with `{ "source": "inbox", "since": "2026-11-01" }`: has the source synchronised, before others that wait for that, and says how many records it has. */
export async function onDataChanged({ host, request }: RouteContext): Promise<{ recordCount: number }> {
  const notification = SyncOptions.safeParse(await readJson(request, longest));
  if (!notification.success) throw new HttpRefusal(400, `The notification cannot be used: ${z.prettifyError(notification.error)}`);
  return host.services(DataSyncService).do("sync-source", notification.data).withPriority(8).execute();
}
