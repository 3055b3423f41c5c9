import { settlesWithin } from "../time/within.ts";
import type { HostKernel } from "./host-kernel.ts";

/**
 * What lets the outside in, such as the server of a control plane. A host that stops closes its doors when its services have stopped, so that somebody can watch them
 * do it; from the beginning of the stop on a door refuses new work, and answers questions only.
 */
export interface HostDoor {
  /** For the report of a stop that it has held up. */
  readonly name: string;
  /** Ends what is still open and is closed within `limit` milliseconds. */
  close(limit: number): Promise<void>;
}

/** Closes every door of a host, all at once. Returns what did not close in time, in words; never rejects. */
export async function closeDoors(host: HostKernel, limit: number): Promise<readonly string[]> {
  const closings = Array.from(host.doors, async door =>
    (await settlesWithin(host.clock, close(host, door, limit), limit + grace)) ? [] : [`${door.name}: it has not closed`],
  );
  host.doors.clear();
  return (await Promise.all(closings)).flat();
}

/** What a door may be late by, in milliseconds. */
const grace = 250;

async function close(host: HostKernel, door: HostDoor, limit: number): Promise<void> {
  try {
    await door.close(limit);
  } catch (error) {
    host.logger.error(`${door.name} could not be closed`, { error });
  }
}
