import { spawnSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { createPinoLogger } from "./pino-logger.ts";
import { vetted } from "./vetted-fields.ts";
import type { LogDestination, PinoLoggerOptions } from "./pino-logger.ts";

interface Collected extends LogDestination {
  readonly text: string[];
}

function collect(isTTY = false): Collected {
  const text: string[] = [];
  return { text, isTTY, write: line => text.push(line) };
}

function jsonLogger(options: PinoLoggerOptions = {}) {
  const destination = collect();
  const logger = createPinoLogger({ ...options, destination });
  return { logger, destination, lines: () => destination.text.map(line => JSON.parse(line) as Record<string, unknown>) };
}

/** Runs `program` in a Node of its own, where standard output and what is loaded can be seen. */
function runAlone(program: string, env: Record<string, string> = {}) {
  const url = new URL("./pino-logger.ts", import.meta.url).href;
  const source = `import { createPinoLogger } from ${JSON.stringify(url)};\n${program}`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8", env: { ...process.env, ...env } });
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("createPinoLogger", () => {
  test("says which lines it would write, as its level is now", () => {
    const { logger } = jsonLogger({ level: "warn" });
    const child = logger.child({ service: "A" });
    expect([logger.isEnabled?.("info"), child.isEnabled?.("warn")]).toEqual([false, true]);
    logger.level = "debug";
    expect(child.isEnabled?.("debug")).toBe(true);
  });

  test("writes JSON by default: level, time, message and fields", () => {
    const { logger, lines } = jsonLogger();
    logger.info("Starting", { fileId: "f1", count: 3 });
    expect(lines()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        pid: process.pid,
        hostname: expect.any(String),
        fileId: "f1",
        count: 3,
        msg: "Starting",
      },
    ]);
  });

  test("writes text for people", () => {
    const destination = collect();
    const logger = createPinoLogger({ format: "text", destination }).child({ service: "TranslationService" });
    logger.warn("Starting\ntranslation", { fileId: "f1", to: "pt-BR" });
    expect(destination.text).toHaveLength(1);
    expect(destination.text[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn  TranslationService  Starting  fileId=f1 to=pt-BR\n {4}translation\n$/);
  });

  test("colours text on a terminal, unless NO_COLOR is set", () => {
    vi.stubEnv("NO_COLOR", "");
    const terminal = collect(true);
    createPinoLogger({ format: "text", destination: terminal }).info("x");
    expect(terminal.text[0]).not.toBe(stripVTControlCharacters(terminal.text[0] as string));
    vi.stubEnv("NO_COLOR", "1");
    const quiet = collect(true);
    createPinoLogger({ format: "text", destination: quiet }).info("x");
    expect(quiet.text[0]).toBe(stripVTControlCharacters(quiet.text[0] as string));
  });

  test("writes at its level and above, and follows a change at run time, children too", () => {
    const { logger, lines } = jsonLogger({ level: "warn" });
    const child = logger.child({ service: "S" });
    child.info("no");
    child.warn("yes");
    logger.level = "debug";
    child.debug("now");
    child.level = "silent";
    logger.error("never");
    expect(lines().map(line => line["msg"])).toEqual(["yes", "now"]);
    expect(logger.level).toBe("silent");
  });

  test("refuses an unknown level, at creation and later", () => {
    const invalid = expect.toSatisfy((error: unknown) => SoraError.is(error, "SORA_OPTION_INVALID"));
    expect(() => createPinoLogger({ level: "loud" as "info" })).toThrow(invalid);
    const { logger } = jsonLogger();
    expect(() => (logger.level = "loud" as "info")).toThrow(invalid);
    expect(logger.level).toBe("info");
  });

  test("adds the fields of its ancestors, the nearest last, each key once", () => {
    const { logger, lines, destination } = jsonLogger();
    logger.child({ service: "S", a: 1, b: 1 }).child({ b: 2, c: 2 }).info("x", { c: 3 });
    expect(lines()[0]).toMatchObject({ service: "S", a: 1, b: 2, c: 3 });
    expect(destination.text[0]?.match(/"b":/g)).toHaveLength(1);
  });

  test("asks for the correlation id as the line is written, and goes on where that throws", () => {
    let current: string | undefined;
    const { logger, lines } = jsonLogger({
      correlation() {
        if (current === "throw") throw new Error("no context");
        return current;
      },
    });
    const child = logger.child({ service: "S" });
    child.info("none");
    current = "c1";
    child.info("one");
    child.info("own", { correlationId: "mine" });
    current = "throw";
    child.info("broken");
    expect(lines().map(line => line["correlationId"])).toEqual([undefined, "c1", "mine", undefined]);
  });

  test("writes errors with code, message, fix and stack, under whatever key", () => {
    const { logger, lines } = jsonLogger();
    const failure = new SoraError("SORA_OVERLOADED", "Too much.");
    logger.error("failed", { error: failure, err: failure });
    const expected = { name: "SoraError", code: "SORA_OVERLOADED", message: "Too much.", fix: failure.fix, stack: failure.stack };
    expect(lines()[0]).toMatchObject({ error: expected, err: expected });
  });

  test("takes an Error in place of fields, as plain JavaScript may pass it", () => {
    const { logger, lines } = jsonLogger();
    logger.error("failed", new TypeError("no") as never);
    expect(lines()[0]).toMatchObject({ msg: "failed", error: { name: "TypeError", message: "no" } });
  });

  test("writes no secrets, wherever they stand", () => {
    const { logger, destination, lines } = jsonLogger();
    const error = new Error("no answer from nats://ada:s3cret@host", { cause: { password: "s3cret" } });
    logger.child({ apiKey: "s3cret" }).error("lost nats://ada:s3cret@host", {
      deep: [{ dbPassword: "s3cret", token: { value: "s3cret" }, url: "postgres://ada:s3cret@host/db" }],
      header: new Map([["authorization", "Bearer s3cret"]]),
      error,
      fileId: "f1",
    });
    expect(destination.text.join("")).not.toContain("s3cret");
    expect(lines()[0]).toMatchObject({ msg: "lost nats://***@host", apiKey: "***", fileId: "f1", error: { message: "no answer from nats://***@host" } });
  });

  test("writes fields that are vouched for as they are, and looks through all others", () => {
    const { logger, lines } = jsonLogger();
    logger.child({ token: "hunter2" }).info("x", { [vetted]: true, input: "token=kept", nothing: undefined, status: 200 });
    expect(lines()[0]).toMatchObject({ input: "token=kept", status: 200, token: "***" });
    expect(lines()[0]).not.toHaveProperty("nothing");
    logger.info(
      "x",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
    );
    expect(lines()).toHaveLength(2);
  });

  test("asks redact for the message and every field", () => {
    const redact = (key: string, value: unknown): unknown =>
      /token/i.test(key) ? "[redacted]" : typeof value === "string" ? value.replace(/\/\/.*@/, "//[redacted]@") : value;
    const { logger, destination } = jsonLogger({ redact });
    logger.child({ apiToken: "s3cret" }).info("from nats://u:s3cret@host", { deep: [{ token: "s3cret", url: "pg://u:s3cret@h" }] });
    expect(destination.text.join("")).not.toContain("s3cret");
    expect(destination.text[0]).toContain("nats://[redacted]@host");
  });

  test("keeps a field from posing as the line's own level, time or message", () => {
    const { logger, lines } = jsonLogger();
    logger.info("real", { level: "error", time: "never", msg: "fake", method: "GET", headers: {}, socket: {} });
    expect(lines()[0]).toMatchObject({
      level: "info",
      msg: "real",
      "fields.level": "error",
      "fields.msg": "fake",
      method: "GET",
      headers: {},
    });
  });

  test("never throws, whatever it is given", () => {
    const { logger, lines } = jsonLogger();
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const cycle: Record<string, unknown> = { big: 10n ** 30n, when: new Date(Number.NaN) };
    cycle["self"] = cycle;
    const hostile: unknown[] = [
      cycle,
      revoked.proxy,
      {
        get boom(): never {
          throw new Error("no");
        },
      },
      {
        toJSON() {
          throw new Error("no");
        },
      },
      {
        error: Object.defineProperty(new Error("x"), "stack", {
          get() {
            throw new Error("no");
          },
        }),
      },
      null,
      "text",
      42,
      Symbol("s"),
      () => 1,
      [1],
    ];
    for (const fields of hostile) for (const each of [logger, logger.child(fields as never)]) each.info("line", fields as never);
    for (const message of [undefined, null, Symbol("s"), revoked.proxy, { a: 1 }, "%s %d %o"]) logger.info(message as string);
    expect(lines()).toHaveLength(hostile.length * 2 + 6);
    expect(lines().at(-1)).toMatchObject({ msg: "%s %d %o" });
  });

  test("says once on standard error that its destination fails, and does not throw", () => {
    const complaints = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const logger = createPinoLogger({
      destination: {
        write() {
          throw new Error("disk full");
        },
      },
    });
    logger.info("a");
    logger.child({}).info("b");
    expect(complaints.mock.calls).toEqual([["Sora cannot write its log: Error: disk full. Lines are being lost.\n"]]);
  });

  test("works with its methods taken off it", () => {
    const { logger, lines } = jsonLogger();
    const info: (message: string) => void = Reflect.get(logger, "info");
    info("free");
    expect(lines()[0]).toMatchObject({ msg: "free" });
  });

  test("loads pino with the first line that passes the level, not before", () => {
    const { stdout, stderr } = runAlone(`
      import { createRequire } from "node:module";
      const loaded = () => Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache).filter(file => file.includes("pino")).length;
      const logger = createPinoLogger({ level: "warn" });
      const before = loaded();
      logger.child({ service: "S" }).info("below the level");
      const below = loaded();
      logger.warn("at the level");
      process.stderr.write(JSON.stringify({ before, below, after: loaded() > 0 }));
    `);
    expect(JSON.parse(stderr)).toEqual({ before: 0, below: 0, after: true });
    expect(JSON.parse(stdout)).toMatchObject({ msg: "at the level" });
  });

  test("writes to standard output before the process can end", () => {
    const { stdout, status } = runAlone(`
      const logger = createPinoLogger({ format: "text" });
      for (let n = 0; n < 1000; n++) logger.info("line " + n);
      process.exit(3);
    `);
    expect(status).toBe(3);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1000);
    expect(stdout).not.toContain("\u001b");
  });
});
