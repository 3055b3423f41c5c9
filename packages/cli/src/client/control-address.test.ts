import { describe, expect, test } from "vitest";
import type { CliError } from "../cli-error.ts";
import { controlAddress } from "./control-address.ts";

const refusal = (read: () => unknown): CliError => {
  try {
    read();
  } catch (error) {
    return error as CliError;
  }
  throw new Error("nothing was refused");
};

describe("controlAddress", () => {
  test("prefers the options to the variables, and those to the default", () => {
    const env = { SORA_URL: "http://env:1", SORA_TOKEN: "env-token" };
    expect(controlAddress({}, {})).toEqual({ url: new URL("http://127.0.0.1:4310"), token: undefined });
    expect(controlAddress({}, env)).toEqual({ url: new URL("http://env:1"), token: "env-token" });
    expect(controlAddress({ url: "https://flag/ops", token: " flag-token\n" }, env)).toEqual({ url: new URL("https://flag/ops"), token: "flag-token" });
    expect(controlAddress({}, { SORA_URL: "", SORA_TOKEN: "" })).toEqual({ url: new URL("http://127.0.0.1:4310"), token: undefined });
  });

  test.each(["localhost:4310", "ftp://host", "not a url", "", "http://", "http://host?x=1", "http://host#x"])("refuses the address %j as bad usage", url => {
    expect(refusal(() => controlAddress({ url }, {}))).toMatchObject({ code: "SORA_CLI_USAGE", status: 2, fix: "Write it as http://127.0.0.1:4310." });
  });

  test("repeats neither a token nor a password that it refuses", () => {
    for (const read of [
      () => controlAddress({ token: "canary\u0000" }, {}),
      () => controlAddress({}, { SORA_TOKEN: "canary canary" }),
      () => controlAddress({ url: "http://user:canary@host" }, {}),
      () => controlAddress({ url: "ftp://user:canary@host" }, {}),
    ]) {
      const error = refusal(read);
      expect(error.status).toBe(2);
      expect(JSON.stringify([error.message, error.fix, error.details, error.stack])).not.toContain("canary");
    }
  });
});
