import { stage, standing } from "../operations/stage.ts";

/**
 * The steps from an empty file to the newest schema, in order; a database keeps how many it has been through. One that has been published is never changed: a change is a step more.
 *
 * Everything is named `sora_`, and no pragma of the file is used, since the tables of a user may be in the same file. Times and what may be any number are REAL, so that none is read back as an
 * integer past 2^53, which node:sqlite refuses.
 *
 * Every index of actions but those by id and by queue is partial: what is completed is in none that a claim or a settlement reads, so it costs them nothing however much there is. And since a change of
 * a row takes time for each index that has one of the changed columns, in its terms or in its condition, an action that is handed out and completed moves in two of them: by stage, and by the end of its retention.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE sora_queues (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    action TEXT NOT NULL
  ) STRICT;

  CREATE TABLE sora_actions (
    seq INTEGER PRIMARY KEY,            -- the order of storing
    id TEXT NOT NULL,
    queue INTEGER NOT NULL,             -- in sora_queues
    stage INTEGER NOT NULL,             -- see stage.ts
    priority REAL NOT NULL,
    due_at REAL NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    attempts REAL NOT NULL,
    fence INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,  -- whether its latest attempt has, until it is begun again
    suspect INTEGER NOT NULL DEFAULT 0,
    let_in INTEGER,                     -- by its key, 1 where it has none; null once one that has a key is finished
    chained INTEGER NOT NULL,           -- 1 while it waits for the one of its chain that is named in after_id; 2 where it has been cancelled since
    apart INTEGER NOT NULL,             -- whether its parameters are in sora_parameters
    enqueued_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL,
    expires_at REAL,                    -- the end of its retention; null for none
    worker TEXT,
    key TEXT,
    key_limit REAL NOT NULL,
    idempotency_key TEXT,
    debounced INTEGER NOT NULL,         -- whether its key is a debounce key
    after_id TEXT,
    cancel_keep REAL,                   -- null until it is to be cancelled while it runs; then its retention
    error TEXT,
    progress TEXT,
    result TEXT,
    envelope TEXT NOT NULL,
    parameters TEXT
  ) STRICT;
  CREATE UNIQUE INDEX sora_actions_id ON sora_actions (id);
  CREATE INDEX sora_actions_queue ON sora_actions (queue, seq);
  CREATE INDEX sora_actions_stage ON sora_actions (stage, queue, priority DESC, seq, failed) WHERE ${standing};
  CREATE INDEX sora_actions_timed ON sora_actions (due_at, queue, failed) WHERE stage = ${stage.timed};
  CREATE INDEX sora_actions_expiry ON sora_actions (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX sora_actions_line ON sora_actions (key, let_in, seq) WHERE key IS NOT NULL AND let_in IS NOT NULL;
  CREATE INDEX sora_actions_chain ON sora_actions (after_id) WHERE chained = 1;
  CREATE UNIQUE INDEX sora_actions_idempotency ON sora_actions (idempotency_key) WHERE idempotency_key IS NOT NULL;

  -- Large parameters, which would otherwise be written anew with every move of their action.
  CREATE TABLE sora_parameters (
    seq INTEGER PRIMARY KEY,
    parameters TEXT NOT NULL
  ) STRICT;

  CREATE TABLE sora_workers (
    id TEXT PRIMARY KEY,
    node TEXT NOT NULL,
    queues TEXT NOT NULL,               -- a JSON array of names
    expires_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sora_paused (
    service TEXT NOT NULL,
    action TEXT NOT NULL,               -- empty for the whole service
    PRIMARY KEY (service, action)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sora_rates (
    name TEXT PRIMARY KEY,
    tokens REAL NOT NULL,
    at REAL NOT NULL                    -- when there were so many
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sora_leases (
    name TEXT PRIMARY KEY,
    holder TEXT,                        -- null once it has been released
    token INTEGER NOT NULL,
    expires_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sora_ticks (
    service TEXT PRIMARY KEY,
    last REAL NOT NULL,
    fence INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sora_schedules (
    id TEXT PRIMARY KEY,
    service TEXT NOT NULL,
    action TEXT NOT NULL,
    recurrence TEXT NOT NULL,
    parameters TEXT,
    envelope TEXT NOT NULL,
    version REAL NOT NULL,
    priority REAL NOT NULL,
    attempts REAL NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    next_at REAL,
    last_at REAL,
    created_at REAL NOT NULL
  ) STRICT;
  CREATE INDEX sora_schedules_due ON sora_schedules (next_at) WHERE next_at IS NOT NULL AND paused = 0;

  CREATE TABLE sora_outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so that a late report cannot meet another entry
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    key TEXT,
    payload TEXT,
    envelope TEXT NOT NULL,
    written_at REAL NOT NULL,
    readable_at REAL NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    dead INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0   -- whether it is looked for by its key, as it stood behind one of it that waits
  ) STRICT;
  CREATE INDEX sora_outbox_waiting ON sora_outbox (sequence) WHERE dead = 0 AND parked = 0;
  CREATE INDEX sora_outbox_parked ON sora_outbox (key, sequence) WHERE dead = 0 AND parked = 1;
  CREATE INDEX sora_outbox_held ON sora_outbox (key, sequence) WHERE dead = 0 AND failures > 0 AND key IS NOT NULL;
  CREATE INDEX sora_outbox_dead ON sora_outbox (sequence) WHERE dead = 1;

  CREATE TABLE sora_relay (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fence INTEGER NOT NULL              -- the highest that has written a report
  ) STRICT;
  `,
];
