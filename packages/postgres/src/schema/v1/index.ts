import { claim } from "./claim.ts";
import { enqueue } from "./enqueue.ts";
import { leases } from "./leases.ts";
import { lines } from "./lines.ts";
import { manage } from "./manage.ts";
import { outbox } from "./outbox.ts";
import { schedules } from "./schedules.ts";
import { states } from "./states.ts";
import { tables } from "./tables.ts";
import { time } from "./time.ts";
import { turn } from "./turn.ts";
export const v1 = (schema: string, channel: string): string =>
  [tables, time, states, lines, enqueue, claim, turn, manage, outbox, schedules, leases].map(part => part(schema, channel)).join("\n");
