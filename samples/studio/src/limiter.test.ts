import { expect, test } from "vitest";
import { Limiter } from "./limiter.ts";

/** Work that ends when told to. */
function createWork(): { readonly started: string[]; begin(name: string): () => Promise<string>; end(name: string): void } {
  const started: string[] = [];
  const ends = new Map<string, (name: string) => void>();
  const begin = (name: string) => (): Promise<string> => {
    started.push(name);
    return new Promise(resolve => ends.set(name, resolve));
  };
  return { started, begin, end: name => ends.get(name)?.(name) };
}

test("Limiter runs as many as it may, in order, and follows a changed limit", async () => {
  const work = createWork();
  let limit = 1;
  const limiter = new Limiter(() => limit);
  const results = Promise.all(["a", "b", "c", "d"].map(name => limiter.run(work.begin(name))));
  expect(work.started).toEqual(["a"]);
  work.end("a");
  await expect.poll(() => work.started).toEqual(["a", "b"]);
  limit = 2;
  work.end("b");
  await expect.poll(() => work.started).toEqual(["a", "b", "c", "d"]);
  work.end("d");
  work.end("c");
  await expect(results).resolves.toEqual(["a", "b", "c", "d"]);
});

test("Limiter goes on after work that fails", async () => {
  const limiter = new Limiter(() => 1);
  await expect(limiter.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(limiter.run(async () => "yes")).resolves.toBe("yes");
});
