import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** The folder of `initdb` and `postgres`; undefined where PostgreSQL is not installed here. */
export const postgresBinaries: string | undefined = findBinaries();

/** A PostgreSQL server of a test's own, with its data in a temporary folder, which can be stopped, killed and started again. */
export class PostgresServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  readonly #user: { readonly uid?: number; readonly gid?: number };
  #process: ChildProcess | undefined = undefined;

  private constructor(folder: string, port: number, user: { readonly uid?: number; readonly gid?: number }) {
    this.#folder = folder;
    this.#port = port;
    this.#user = user;
  }

  /** Makes its data and starts it. */
  static async create(): Promise<PostgresServer> {
    const user = ordinaryUser();
    const folder = mkdtempSync(join(tmpdir(), "sora-postgres-"));
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid as number);
    execFileSync(
      binary("initdb"),
      ["--pgdata", join(folder, "data"), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
      {
        stdio: "ignore",
        cwd: folder,
        ...user,
      },
    );
    const server = new PostgresServer(folder, await freePort(), user);
    await server.start();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${this.#folder}`,
      "shared_buffers=32MB",
      "max_connections=60",
      "logging_collector=off",
    ];
    this.#process = spawn(binary("postgres"), ["-D", join(this.#folder, "data"), "-p", String(this.#port), ...settings.flatMap(setting => ["-c", setting])], {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: this.#folder,
      ...this.#user,
    });
    let log = "";
    const ready = Promise.withResolvers<void>();
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("ready to accept connections")) ready.resolve();
    });
    this.#process.once("error", error => ready.reject(error));
    this.#process.once("exit", code => ready.reject(new Error(`postgres ended with ${code}:\n${log}`)));
    await ready.promise;
  }

  /** As an administrator does: it ends all connections, and what is under way in them, and writes everything down. */
  stop(): Promise<void> {
    return this.#end(process => process.kill("SIGINT"));
  }

  /** The server and all its processes, at once, as when the machine's memory runs out. Resolves when none of them is there any more, and so none holds its shared memory. */
  async kill(): Promise<void> {
    const server = this.#process?.pid;
    if (server === undefined) return;
    signal(server, "SIGSTOP"); // so that it has no child that is not killed with it
    while (!["T", undefined].includes(stateOf(server))) await moment();
    const all = this.#processes();
    await this.#end(() => {
      for (const pid of all) signal(pid, "SIGKILL");
    });
    while (all.some(pid => !["Z", "X", undefined].includes(stateOf(pid)))) await moment();
  }

  /** All its processes stand still, and connections stay open. */
  freeze(): void {
    for (const pid of this.#processes()) signal(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of this.#processes()) signal(pid, "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #processes(): readonly number[] {
    const pid = this.#process?.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  }

  async #end(how: (process: ChildProcess) => void): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    const ended = once(process, "exit");
    how(process);
    await ended;
  }
}

function binary(name: string): string {
  if (postgresBinaries === undefined) throw new Error("PostgreSQL is not installed here");
  return join(postgresBinaries, name);
}

function findBinaries(): string | undefined {
  const told = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" }).stdout?.trim();
  const folders = [told, ...globSync("/usr/lib/postgresql/*/bin").toSorted().toReversed()];
  return folders.find(folder => folder !== undefined && folder !== "" && existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to run as root, so it runs as the user that its package made. */
function ordinaryUser(): { readonly uid?: number; readonly gid?: number } {
  if (userInfo().uid !== 0) return {};
  const id = (of: string): number => Number(execFileSync("id", [of, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A millisecond. */
function moment(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1));
}

/** How a process is, by the letter that the system has for it; undefined where it is none. */
function stateOf(pid: number): string | undefined {
  try {
    return /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}

function childrenOf(parent: number): readonly number[] {
  return globSync("/proc/[0-9]*/stat").flatMap(file => {
    try {
      const [, pid, ppid] = /^(\d+) \(.*\) \S (\d+)/s.exec(readFileSync(file, "utf8")) ?? [];
      return Number(ppid) === parent ? [Number(pid)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended already
  }
}
