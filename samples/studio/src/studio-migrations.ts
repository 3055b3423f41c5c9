export interface Migration {
  /** Migrations run once each, in this order. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * How the studio's database came to look as it does. A migration that has been released is never edited: whatever changes
 * afterwards is a new one at the end.
 */
export const studioMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "files and what is made from them",
    sql: `
      CREATE TABLE files (
        id TEXT PRIMARY KEY,
        path TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        kind TEXT NOT NULL,
        format TEXT NOT NULL,
        problem TEXT,
        seen_at INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE outputs (
        file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        made_at INTEGER NOT NULL,
        PRIMARY KEY (file_id, path)
      ) STRICT;`,
  },
  {
    version: 2,
    name: "what is known about texts",
    sql: `
      ALTER TABLE files ADD COLUMN language TEXT;
      ALTER TABLE files ADD COLUMN characters INTEGER;
      ALTER TABLE files ADD COLUMN words INTEGER;
      ALTER TABLE files ADD COLUMN sentences INTEGER;
      ALTER TABLE files ADD COLUMN lines INTEGER;
      ALTER TABLE files ADD COLUMN reading_seconds INTEGER;
      CREATE TABLE translations (
        file_id TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        to_language TEXT NOT NULL,
        from_language TEXT NOT NULL,
        engine TEXT NOT NULL,
        path TEXT NOT NULL,
        characters INTEGER NOT NULL,
        made_at INTEGER NOT NULL,
        PRIMARY KEY (file_id, to_language)
      ) STRICT;`,
  },
  {
    version: 3,
    name: "a log that is cleaned up",
    sql: `
      CREATE TABLE log_entries (
        id INTEGER PRIMARY KEY,
        created_at INTEGER NOT NULL,
        level TEXT NOT NULL,
        service TEXT NOT NULL,
        message TEXT NOT NULL
      ) STRICT;
      CREATE INDEX log_entries_by_age ON log_entries (created_at);`,
  },
];
