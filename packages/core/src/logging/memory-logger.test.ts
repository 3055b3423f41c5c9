import { describe, expect, test } from "vitest";
import { createMemoryLogger } from "./memory-logger.ts";

describe("createMemoryLogger", () => {
  test("keeps the lines of itself and its children in order, with the values that were given", () => {
    const logger = createMemoryLogger();
    const error = new Error("no");
    logger.info("first");
    logger.child({ service: "S", a: 1 }).child({ b: 2 }).error("second", { a: 3, error });
    expect(logger.lines).toEqual([
      { level: "info", message: "first", fields: {} },
      { level: "error", message: "second", fields: { service: "S", a: 3, b: 2, error } },
    ]);
    expect(logger.lines[1]?.fields["error"]).toBe(error);
  });

  test("asks for the correlation id as each line is written, and lets a line bring its own", () => {
    let current: string | undefined = "c1";
    const logger = createMemoryLogger({ correlation: () => current });
    logger.debug("a");
    logger.warn("b", { correlationId: "mine" });
    current = undefined;
    logger.info("c");
    expect(logger.lines.map(line => line.fields)).toEqual([{ correlationId: "c1" }, { correlationId: "mine" }, {}]);
  });

  test("forgets on clear", () => {
    const logger = createMemoryLogger();
    logger.info("a");
    logger.clear();
    logger.info("b");
    expect(logger.lines.map(line => line.message)).toEqual(["b"]);
  });

  test("takes fields that throw when they are read", () => {
    const logger = createMemoryLogger();
    logger.info("getter", {
      get a(): never {
        throw new Error("no");
      },
      b: 1,
    });
    logger.info(
      "proxy",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      ),
    );
    expect(logger.lines.map(line => line.fields)).toEqual([{ a: "[unreadable]", b: 1 }, { fields: "[unreadable]" }]);
  });
});
