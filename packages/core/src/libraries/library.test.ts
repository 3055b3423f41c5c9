import { describe, expect, test } from "vitest";
import { Library } from "./library.ts";

describe("Library", () => {
  test("is required when it is first asked for, once", () => {
    const library = new Library<typeof import("croner")>("croner", () => Promise.reject(new Error("not bundled")));
    expect(new (library.get().Cron)("0 3 * * *", { paused: true }).getPattern()).toBe("0 3 * * *");
    expect(library.get()).toBe(library.get());
  });

  test("is not imported where it can be required", async () => {
    let imported = 0;
    const library = new Library("croner", async () => ++imported);
    await library.bring();
    expect(imported).toBe(0);
    expect(library.get()).toHaveProperty("Cron");
  });

  test("is the bundled one where there is nothing to require", async () => {
    let imported = 0;
    const library = new Library("a-library-that-is-not-there", async () => ({ number: ++imported }));
    expect(() => library.get()).toThrow(expect.objectContaining({ code: "MODULE_NOT_FOUND" }));
    await library.bring();
    await library.bring();
    expect([library.get(), imported]).toEqual([{ number: 1 }, 1]);
  });

  test("says that it is missing only when it is asked for", async () => {
    const library = new Library("a-library-that-is-not-there", () => Promise.reject(new Error("left out")));
    await expect(library.bring()).resolves.toBeUndefined();
    expect(() => library.get()).toThrow(expect.objectContaining({ code: "MODULE_NOT_FOUND" }));
  });
});
