import { everyBell, redactText } from "@sora/core/adapter";
import type { ClockTimer, StoreBell, StoreSurroundings } from "@sora/core/adapter";
import pg from "pg";
import { letGo } from "../connection/let-go.ts";
import { quotedName } from "../schema/schema-name.ts";
import { PendingBells } from "./pending-bells.ts";
import { bellMessage, readChannelMessage } from "./read-bell.ts";

/** Milliseconds between two attempts to listen again: doubling from this up to {@link longestPause}. */
const shortestPause = 50;
const longestPause = 1_000;
/** Milliseconds between two notifications: workers need to hear of work once, not of each piece. */
const between = 10;
/** How often it is tried whether notifications arrive, and how long they may take. */
const trialEvery = 60_000;
const trialTakes = 3_000;

export interface BellWireParts {
  readonly surroundings: Required<StoreSurroundings>;
  readonly connection: pg.ClientConfig;
  readonly channel: string;
  /** Hears what others ring. */
  readonly onBell: (bell: StoreBell) => void;
  /** Sends a notification over another connection than the one that listens. */
  readonly notify: (text: string) => Promise<unknown>;
}

/**
 * Tells other hosts what this one does and hears what they do, over one connection of its own that is made again for ever. A notification is sent when the transaction it is about is over, since
 * PostgreSQL lets transactions that notify commit one after the other only; those that come together are sent together.
 */
export class BellWire {
  readonly #parts: BellWireParts;
  /** Who rings, so that nobody hears himself. */
  readonly #self: string;
  readonly #pending = new PendingBells();
  #client: pg.Client | undefined = undefined;
  #timer: ClockTimer | undefined = undefined;
  #trialTimer: ClockTimer | undefined = undefined;
  #trial: string | undefined = undefined;
  #pause = shortestPause;
  #telling = false;
  #closed = false;
  /** What is known of whether notifications arrive; undefined for nothing yet. */
  #arrives: boolean | undefined = undefined;
  #missed = 0;
  #attempts = 0;

  constructor(parts: BellWireParts) {
    this.#parts = parts;
    this.#self = Math.floor(parts.surroundings.chance.next() * 2 ** 52).toString(36);
  }

  /** Resolves when it listens, or cannot for now; it goes on trying then. */
  async open(): Promise<void> {
    await this.#connect();
  }

  /** Has the others hear of it, if there is a way to them just now. */
  tell(bell: StoreBell): void {
    this.#pending.add(bell);
    if (!this.#telling && this.#client !== undefined && !this.#closed) void this.#flush(this.#client);
  }

  /** Sends what is still to be told, and lets the connection go. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#trialTimer?.cancel();
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    if (!this.#pending.empty) await this.#send(client).catch(() => {});
    await letGo(this.#parts.surroundings.clock, client.end(), () => [client]);
  }

  async #connect(): Promise<void> {
    const { connection, channel, surroundings, onBell } = this.#parts;
    const first = this.#attempts++ === 0;
    const client = new pg.Client({ application_name: "sora bells", keepAlive: true, connectionTimeoutMillis: 5_000, ...connection, query_timeout: 5_000 });
    let lost = false;
    const lose = (error?: Error): void => {
      if (lost) return;
      lost = true;
      if (this.#client === client) this.#client = undefined;
      void letGo(surroundings.clock, client.end(), () => [client]);
      if (this.#closed) return;
      surroundings.logger.debug("The connection that listens for notifications is lost; it is made again", {
        cause: redactText(error?.message ?? "it was ended"),
      });
      this.#connectLater();
    };
    client.on("error", lose);
    client.on("end", () => lose());
    client.on("notification", ({ payload }) => this.#hear(payload ?? ""));
    try {
      await client.connect();
      await client.query(`LISTEN ${quotedName(channel)}`);
      await client.query("SET synchronous_commit = off"); // nothing is written over this connection but notifications
    } catch (error) {
      return lose(error as Error);
    }
    if (lost) return;
    if (this.#closed) return lose();
    this.#client = client;
    this.#pause = shortestPause;
    if (!first) for (const bell of everyBell) onBell(bell); // whatever was rung meanwhile
    if (!this.#pending.empty) void this.#flush(client);
    this.#tryOut();
  }

  #connectLater(): void {
    const wait = this.#pause * (0.5 + this.#parts.surroundings.chance.next());
    this.#pause = Math.min(this.#pause * 2, longestPause);
    this.#timer?.cancel();
    this.#timer = this.#parts.surroundings.clock.setTimer(() => void this.#connect(), wait, true);
  }

  async #flush(client: pg.Client): Promise<void> {
    this.#telling = true;
    try {
      while (!this.#pending.empty && this.#client === client) {
        await this.#send(client);
        await this.#parts.surroundings.clock.sleep(between);
      }
    } catch {
      // a hint that is lost: whoever relies on it asks by himself, and the connection is made again
    } finally {
      this.#telling = false;
    }
  }

  async #send(client: pg.Client): Promise<void> {
    const texts = this.#pending.take().map(bell => bellMessage(bell, this.#self));
    await client.query({ name: "sora_tell", text: "SELECT pg_notify($1, text) FROM unnest($2::text[]) AS t (text)", values: [this.#parts.channel, texts] });
  }

  #hear(text: string): void {
    const message = readChannelMessage(text);
    if (message === undefined) return;
    if ("trial" in message) {
      if (message.trial === this.#trial) this.#passed();
    } else if (message.from !== this.#self) this.#parts.onBell(message.bell);
  }

  /** Sends itself a notification: behind a pooler that changes connections it listens, and nothing ever comes. */
  #tryOut(): void {
    const { clock } = this.#parts.surroundings;
    this.#trialTimer?.cancel();
    if (this.#closed || this.#client === undefined) return;
    const trial = `${this.#self}-${clock.monotonic()}`;
    this.#trial = trial;
    this.#parts.notify(JSON.stringify({ trial })).then(
      () => {
        if (this.#trial === trial) this.#trialTimer = clock.setTimer(() => this.#failed(), trialTakes, true);
      },
      () => this.#tryOutLater(), // the server is away, which says nothing about notifications
    );
  }

  #tryOutLater(): void {
    this.#trial = undefined;
    this.#trialTimer?.cancel();
    if (!this.#closed) this.#trialTimer = this.#parts.surroundings.clock.setTimer(() => this.#tryOut(), trialEvery, true);
  }

  #passed(): void {
    if (this.#arrives === false) this.#parts.surroundings.logger.info("Notifications of PostgreSQL arrive again");
    this.#arrives = true;
    this.#missed = 0;
    this.#tryOutLater();
  }

  /** Once, it may be the connection: another is made, which tries again. */
  #failed(): void {
    this.#missed++;
    if (this.#missed === 1 && this.#arrives !== false) {
      this.#trial = undefined;
      const client = this.#client;
      if (client !== undefined) void letGo(this.#parts.surroundings.clock, client.end(), () => [client]);
      return;
    }
    if (this.#arrives !== false) {
      this.#parts.surroundings.logger.warn(
        "Notifications of PostgreSQL do not arrive, so work that other hosts enqueue is found by asking only, seconds later: a pooler in transaction mode passes none on. Give the store's option `listen` the address of the database itself",
      );
    }
    this.#arrives = false;
    this.#tryOutLater();
  }
}
