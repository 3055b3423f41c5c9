import { describe, expect, test } from "vitest";
import { bellMessage, readChannelMessage } from "./read-bell.ts";

describe("readChannelMessage", () => {
  test.each([{ kind: "ready" }, { kind: "scheduled" }, { kind: "settled", ids: ["a"] }, { kind: "cancelling" }] as const)("reads back %o", bell => {
    expect(readChannelMessage(bellMessage(bell, "me"))).toEqual({ bell, from: "me" });
  });

  test("reads what other languages write, who are nobody's echo", () => {
    expect(readChannelMessage('{"kind":"ready"}')).toEqual({ bell: { kind: "ready" }, from: undefined });
  });

  test("reads a trial", () => {
    expect(readChannelMessage('{"trial":"1"}')).toEqual({ trial: "1" });
  });

  test.each(["", "{", "null", "7", "[]", '{"kind":"other"}', '{"trial":1}'])("passes over %s", text => {
    expect(readChannelMessage(text)).toBeUndefined();
  });

  test("leaves out ids that are none", () => {
    expect(readChannelMessage('{"kind":"settled","ids":[1]}')).toEqual({ bell: { kind: "settled" }, from: undefined });
  });
});
