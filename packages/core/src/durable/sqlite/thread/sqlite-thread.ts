/** The program of the thread that works on a file: it is started by `StoreThread`, and by nobody else. */
import { workerData } from "node:worker_threads";
import { seededChance } from "../../../time/chance.ts";
import { systemClock } from "../../../time/system-clock.ts";
import { Connection } from "../connection/connection.ts";
import { ForeignBell } from "./foreign-bell.ts";
import { GroupCommit } from "./group-commit.ts";
import { Inbox } from "./inbox.ts";
import { ShortSleep } from "./short-sleep.ts";
import { storeFailure } from "../connection/sqlite-failure.ts";
import { everyBell } from "../../store/durable-store.ts";
import type { ThreadMessage, ThreadSettings } from "./thread-protocol.ts";
import { packAnswer } from "./packed-turn.ts";
import { signals, threadError } from "./thread-protocol.ts";

const settings = workerData as ThreadSettings;
const { port, signal, name, seed } = settings;
const chance = seededChance(seed);

function say(message: ThreadMessage): void {
  port.postMessage(message);
}

function open(): Connection | undefined {
  try {
    const connection = Connection.open({ ...settings, chance }, systemClock.now());
    say({ opened: undefined });
    return connection;
  } catch (error) {
    say({ opened: threadError(storeFailure("open", name, error)) });
    return undefined;
  }
}

/** Sleeps until it is woken; it never goes through an event loop, which would take longer to come round than most requests take. */
function serve(connection: Connection): void {
  const group = new GroupCommit({ ...settings, chance, connection });
  const bell = new ForeignBell(connection);
  const sleep = new ShortSleep(signal, signals.wake);
  const inbox = new Inbox(port, signal, sleep);
  for (;;) {
    const woken = Atomics.load(signal, signals.wake); // before looking, so that what comes after it ends the sleep at once
    const isClosing = Atomics.load(signal, signals.closing) === 1;
    inbox.take();
    const asked = inbox.length > 0;
    if (asked) {
      bell.stir();
      const { values, ...rest } = group.commit(inbox);
      const requests = inbox.drop(values.length);
      say({ values: requests.map((request, index) => packAnswer(request, values[index])), ...rest });
      sleep.noteAnswer();
      connection.makeRoom();
    } else if (isClosing) {
      return;
    }
    const listening = Atomics.load(signal, signals.listeners) > 0;
    if (listening && bell.rings()) say({ values: [], errors: new Map(), bells: everyBell });
    if (!asked) sleep.until(woken, listening ? bell.untilLook : Number.POSITIVE_INFINITY);
  }
}

using connection = open();
if (connection !== undefined) serve(connection);
