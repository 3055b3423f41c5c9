import { expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createTestHost } from "./index.ts";

test("drive passes a quick rejection on and lets nobody see it as unhandled", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    await expect(createTestHost({ services: [defineService("not a name")] })).rejects.toMatchObject({ code: "SORA_DEFINITION_INVALID" });
    await new Promise(resolve => void setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});
