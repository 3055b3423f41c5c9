import { expect, test } from "vitest";
import { createPinoLogger } from "./pino-logger.ts";
import { createPlainSink } from "./plain-sink.ts";

/** A line without what no two lines share. */
const timeless = (line: string): string =>
  line.replace(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, '"time":"…"').replace(/"pid":\d+,"hostname":"[^"]*"/, '"pid":"…"');

test("createPlainSink writes the lines that pino would", () => {
  const lines: string[] = [];
  const record = { service: "Greeter", count: 5, nested: { list: [1, "two", null], text: 'a "quoted" \\ line\n' }, correlationId: "c" };
  const logger = createPinoLogger({ level: "debug", destination: { write: line => lines.push(line) } });
  const sink = createPlainSink({ pid: 5, hostname: "h" }, line => lines.push(line));
  for (const level of ["debug", "info", "warn", "error"] as const) {
    logger[level]("it happened", record);
    sink[level]({ record }, "it happened");
    const [byPino, plain] = lines.splice(0).map(timeless);
    expect(plain).toBe(byPino);
    expect(plain).toContain(`"level":"${level}","time":"…"`);
  }
});
