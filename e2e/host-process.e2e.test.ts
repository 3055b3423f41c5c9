import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "@sora/core/adapter";
import { createMemoryLogger } from "@sora/core/testing";
import { storeAt } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { OutsideLoad } from "./outside-load.ts";
import { sqlitePlace } from "./store-places.ts";

// What becomes of whole processes: how they end, and what they survive.
const nightly = process.env["SORA_NIGHTLY"] === "1";
/** Milliseconds: how soon it is to happen, by night; by day a process shares the machine with other tests, and may be late by so much more. */
const soon = (milliseconds: number): number => milliseconds + (nightly ? 0 : 8_000);
const root = join(import.meta.dirname, "..");

/** State and attempt of stored actions, as whoever opens the store now finds them; all of them are there. */
async function storedStates(url: string, ids: readonly string[]): Promise<string[]> {
  await using store = await storeAt(url, 5_000);
  await store.open({ clock: systemClock, logger: createMemoryLogger() });
  const found = await store.actions.get(ids);
  expect(found).toHaveLength(ids.length);
  return found.map(({ state, attempt }) => `${state} ${attempt}`);
}

describe("what ignores that it is told to end", { concurrent: true }, () => {
  const culprits: Readonly<Record<string, readonly string[]>> = {
    execute: ["Stubborn: execute has not returned"],
    action: ["Stubborn: action hang has not finished"],
    run: ["Ticker: a run has not returned"],
    handler: ["Stubborn:Stuck: an event handler has not finished", "Stubborn: action emit has not finished"],
    startup: ["Slow: execute has not returned"],
    disposal: ["Closing: its disposal has not finished"],
    dependency: ["dependencies: their disposal has not finished"],
    everything: [
      "Stubborn:Stuck: an event handler has not finished",
      "Closing: its disposal has not finished",
      "Ticker: a run has not returned",
      "Stubborn: action emit has not finished",
      "Stubborn: action hang has not finished",
      "Stubborn: execute has not returned",
      "dependencies: their disposal has not finished",
    ],
  };
  test.for(Object.entries(culprits))("%s: the process ends with 1 within shutdownTimeout + 1 s, and names it", async ([what, named]) => {
    await using host = new HostProcess("stubborn", what);
    await host.says("ready");
    host.kill("SIGTERM");
    const end = await host.ended;
    expect(end).toMatchObject({ code: 1, signal: null });
    expect(end.took).toBeLessThan(soon(2_000));
    expect(host.log.at(-1)).toMatchObject({ level: "error", culprits: named });
    expect(host.errors).toContain(`SoraError: Cannot end the process in order: ${named.join("; ")}.`);
    expect(host.said("unhandled")).toEqual([]);
  });

  test("a program that catches every error is killed within shutdownTimeout + 1 s", async () => {
    await using host = new HostProcess("stubborn", "caught");
    await host.says("ready");
    host.kill("SIGTERM");
    const end = await host.ended;
    expect(end).toMatchObject({ code: null, signal: "SIGKILL" });
    expect(end.took).toBeLessThan(soon(2_000));
    expect(host.said("caught")).toEqual(["SoraError: Cannot end the process in order: Stubborn: execute has not returned."]);
  });

  test("what the program opened itself is named after a clean stop, and left to another signal", async () => {
    await using host = new HostProcess("stubborn", "nothing");
    await host.says("ready");
    host.kill("SIGTERM");
    await host.logs(/The host has stopped, but the process is held open by Timeout/);
    host.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: null, signal: "SIGTERM" });
  });
});

describe("a host under load that is told to stop", () => {
  test.for(Array.from({ length: nightly ? 10 : 1 }, (_, round) => round + 1))(
    "SIGINT: is unready first, finishes everything it has begun, and ends with 0 in time (round %i)",
    async () => {
      await using host = new HostProcess("under-load");
      expect(await host.says("ready")).toBe(true);
      await new Promise(resolve => setTimeout(resolve, 500 + Math.random() * 500));
      host.kill("SIGINT");
      const end = await host.ended;
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(end.took).toBeLessThan(10_000);
      expect(host.names).toEqual(["ready", "stopping", "stopped", "exit"]); // and no "unhandled"
      const [{ underWay, ...stopping }] = host.said("stopping") as [{ underWay: number }];
      expect(stopping).toEqual({ ready: false, reasons: ["the host is stopping"], refused: 0 });
      expect(underWay).toBeGreaterThanOrEqual(200);
      expect(host.said("stopped")).toEqual([{ exitCode: 0, culprits: [], ready: false }]);
      const [{ begun, finished, asked, answered, refused, wrong }] = host.said("exit") as [Record<string, number> & { wrong: string[] }];
      expect({ lost: begun! - finished!, silent: asked! - answered! - refused!, refused, wrong }).toEqual({ lost: 0, silent: 0, refused: 265, wrong: [] });
    },
  );

  test.for(Array.from({ length: nightly ? 10 : 1 }, (_, round) => round + 1))(
    "SIGTERM with 260 calls, 50 stored actions, 20 event streams and calls over HTTP: readiness is 503 first, nothing is lost, and it ends with 0 in time (round %i)",
    async () => {
      await using place = sqlitePlace();
      await using host = new HostProcess("under-load", place.url);
      const outside = new OutsideLoad({
        url: (await host.says("serves")) as string,
        token: "for-this-test-alone",
        call: "/api/services/Gate/actions/work",
        events: "/api/services/Worker/events",
        callers: 20,
        streams: 20,
      });
      await outside.begin();
      host.kill("SIGTERM");
      const end = await host.ended;
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(end.took).toBeLessThan(10_000);
      expect(host.said("unhandled")).toEqual([]);
      expect(host.said("stopping")).toMatchObject([{ ready: false, reasons: ["the host is stopping"], refused: 0 }]);
      expect(host.said("stopped")).toEqual([{ exitCode: 0, culprits: [], ready: false }]);

      const { answered, refused, wrong, streams, readiness } = await outside.ended();
      expect({ wrong, refused, readiness }).toEqual({ wrong: [], refused: 20, readiness: [200, 503, "gone"] });
      const [exit] = host.said("exit") as [Record<string, number> & { wrong: string[] }];
      expect({ lost: exit.begun! - exit.finished!, silent: exit.asked! - exit.answered! - exit.refused!, wrong: exit.wrong }).toEqual({
        lost: 0,
        silent: 0,
        wrong: [],
      });
      expect(exit.fromOutside).toBe(answered); // whoever was let in has his answer
      // A stream is frames, each with the id of its event; what was emitted last is in all of them.
      const lastEvents = streams.map(stream => /^id: (\S+)/.exec(stream.split("\n\n").findLast(frame => frame.includes("Worked")) ?? "")?.[1]);
      expect([new Set(lastEvents).size, lastEvents[0]]).toEqual([1, expect.any(String)]);
      for (const stream of streams) expect([stream.includes("event: gap"), stream.includes("sora.close")]).toEqual([false, true]);

      const stored = host.said("stored") as string[];
      expect(stored.length).toBeGreaterThanOrEqual(50);
      const states = await storedStates(place.url, stored);
      expect(states.filter(state => state !== "completed 1" && state !== "waiting 0")).toEqual([]);
    },
  );

  test("a second signal under load ends the process at once, and what it has stored is there for its successor", async () => {
    await using place = sqlitePlace();
    await using host = new HostProcess("under-load", place.url);
    await host.says("ready");
    while (host.said("stored").length < 50) await new Promise(resolve => setTimeout(resolve, 20));
    host.kill("SIGTERM");
    await host.logs(/Stopping: SIGTERM/);
    host.kill("SIGINT");
    const end = await host.ended;
    expect(end).toMatchObject({ code: null, signal: "SIGINT" });
    expect(end.took).toBeLessThan(soon(1_000));
    const states = await storedStates(place.url, host.said("stored") as string[]);
    expect(states.filter(state => !["completed 1", "running 1", "waiting 0"].includes(state))).toEqual([]);
  });

  test("a second signal of the other kind ends the process at once", async () => {
    await using host = new HostProcess("stubborn", "action", "20s");
    await host.says("ready");
    host.kill("SIGTERM");
    await host.logs(/Stopping: SIGTERM/);
    host.kill("SIGINT");
    const end = await host.ended;
    expect(end).toMatchObject({ code: null, signal: "SIGINT" });
    expect(end.took).toBeLessThan(soon(1_000));
  });

  test("a second signal of the same kind ends the process at once, half a second later", async () => {
    await using host = new HostProcess("stubborn", "action", "20s");
    await host.says("ready");
    host.kill("SIGTERM");
    await host.logs(/Stopping: SIGTERM/);
    await new Promise(resolve => setTimeout(resolve, 600));
    host.kill("SIGTERM");
    const end = await host.ended;
    expect(end).toMatchObject({ code: null, signal: "SIGTERM" });
    expect(end.took).toBeLessThan(soon(1_000));
  });
});

describe("services that misbehave", { concurrent: true }, () => {
  test("an action that blocks the loop for 5 s is reported with what was under way, and work that never settles is named, while the others go on", async () => {
    await using host = new HostProcess("stalling", "5000");
    expect(await host.says("hung")).toEqual({ hung: "SORA_ACTION_TIMEOUT", answer: 42 });
    const { neighbour, overlapping, ...stuck } = (await host.says("stuck")) as { neighbour: number; overlapping: number };
    expect(stuck).toEqual({ ready: false, reasons: ["critical service Stuck has stopped making progress"], stuck: 1 });
    expect(neighbour).toBeGreaterThan(2);
    expect(overlapping).toBeGreaterThan(2);

    const { burst, later } = (await host.says("blocked")) as { burst: number; later: number };
    expect(burst).toBeLessThan(10); // of the hundred ticks that fell into the block
    expect(later).toBeGreaterThan(2);
    expect(host.said("live")).toEqual([{ status: "degraded", live: true, reasons: [expect.stringMatching(/^the event loop was blocked for \d+ ms$/)] }]);
    const blocks = host.log.filter(({ msg, lag }) => msg.startsWith("The event loop was blocked") && (lag as number) > 4_400);
    expect(blocks).toMatchObject([{ level: "warn", working: expect.arrayContaining(["Blocker.block"]) as unknown }]);
    host.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 1, signal: null }); // what never settles holds it up
  });

  test("whatever a run, a call, a handler, a start or a check throws: the process lives, each is counted once, and the next goes well", async () => {
    await using host = new HostProcess("misbehaving");
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    const [{ ways, ...counted }] = host.said("counted") as [{ ways: number }];
    expect(ways).toBe(39);
    expect(counted).toEqual({
      failedRuns: ways,
      moreRuns: true,
      failedCalls: [ways, ways, ways, ways],
      goodCalls: [1, 1, 1, 1],
      rejected: [ways, ways, ways, ways],
      same: true,
      handled: ways + 1,
      failedHandlers: ways,
      crashed: ways,
      crashes: Array.from({ length: ways }, () => 2),
      notStarted: ways,
      unwell: ways,
      ready: true,
    });
    expect(host.names).toEqual(["counted"]); // and no "unhandled"
    expect(host.errors).toBe("");
  });

  test("what a service throws in a timer, or leaves rejected, is logged once and survived by a host that owns the process", async () => {
    await using host = new HostProcess("thrown-in-a-timer", "owner");
    const { lastError, ...status } = (await host.says("status")) as { lastError: string };
    expect(status).toEqual({ state: "running", enough: true });
    expect(lastError).toBe("a thrown value that cannot be described");
    const lines = host.log.filter(({ level }) => level === "error");
    expect(lines.map(line => line["service"])).toEqual(Array.from({ length: 22 }, () => "Careless"));
    expect(lines.filter(({ msg }) => msg.startsWith("Something was thrown outside of any call or run: "))).toHaveLength(12);
    expect(lines.filter(({ msg }) => msg.startsWith("A promise that nobody awaits was rejected: "))).toHaveLength(10);
    host.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(host.errors).toBe("");
  });

  test.for([
    ["embedded", "an error"],
    ["flow-off", "an error"],
    ["program", "of the program"],
  ] as const)("what is thrown in a timer ends the process where the host does not own it, or knows nothing of it (%s)", async ([how, message]) => {
    await using host = new HostProcess("thrown-in-a-timer", how);
    expect(await host.ended).toMatchObject({ code: 1, signal: null });
    expect(host.errors).toContain(`Error: ${message}\n`);
    expect(host.log.filter(({ level }) => level === "error")).toEqual([]);
    expect(host.names).not.toContain("status");
  });
});

describe("a startup service that does not succeed", { concurrent: true }, () => {
  const upTo = (k: number): number[] => Array.from({ length: k }, (_, index) => index + 1);
  const ks = nightly ? upTo(20) : [1, 7, 20];
  const one = nightly ? ks : [7];

  test.for(ks)("number %i of 20 throws: those before it end in reverse, the process with 1, and the error names it", async k => {
    await using host = new HostProcess("startup-services", String(k), "throws");
    expect(await host.ended).toMatchObject({ code: 1, signal: null });
    expect(host.said("begun")).toEqual(upTo(k));
    expect(host.said("ended").slice(0, k)).toEqual(upTo(k).reverse());
    expect(host.said("ended")).toHaveLength(20);
    expect(host.names).not.toContain("worker");
    expect(host.errors).toContain(`SoraError: Startup service Step${k} failed: Error: the disk is full`);
    expect(host.errors).toContain("SORA_STARTUP_FAILED");
  });

  test.for(one)("number %i of 20 never settles: it is given up after its timeoutSeconds, and the process ends with 1 within the time for a stop", async k => {
    await using host = new HostProcess("startup-services", String(k), "hangs");
    expect(await host.ended).toMatchObject({ code: 1, signal: null });
    expect(host.said("begun")).toEqual(upTo(k));
    expect(host.said("ended").filter(n => (n as number) < k)).toEqual(upTo(k - 1).reverse());
    expect(host.names).not.toContain("worker");
    expect(host.errors).toContain(`SoraError: Startup service Step${k} did not finish within 300 ms (timeoutSeconds).`);
    expect(host.errors).toContain("SORA_STARTUP_TIMEOUT");
    expect(host.log.at(-1)).toMatchObject({ level: "error", culprits: [`Step${k}: execute has not returned`] });
  });

  test.for(one)("number %i of 20 throws and has continueOnFailure: the others start, and a stop ends the process with 0", async k => {
    await using host = new HostProcess("startup-services", String(k), "goes-on");
    await host.says("started");
    expect(host.said("begun")).toEqual(upTo(20));
    expect(host.names).toContain("worker");
    host.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(host.said("ended")).toEqual(upTo(20).reverse());
    expect(host.log.filter(line => line["service"] === `Step${k}`)).toMatchObject([
      { level: "error", msg: "The service failed to start; the host goes on without it" },
    ]);
  });
});

describe("a host inside another program", { concurrent: true }, () => {
  test.for(["SIGTERM", "SIGINT"] as const)("takes no %s: it ends the process as it would without a host", async signal => {
    await using host = new HostProcess("embedded", "signal");
    const { before, started } = (await host.says("listeners")) as Record<"before" | "started", number[]>;
    expect(started).toEqual(before);
    host.kill(signal);
    expect(await host.ended).toMatchObject({ code: null, signal });
    expect(host.output).not.toContain("Stopping");
  });

  test.for([
    ["stop", 0],
    ["failed-stop", 1],
  ] as const)("leaves the process and its exit code alone after a stop (%s)", async ([how, exitCode]) => {
    await using host = new HostProcess("embedded", how);
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    const [{ before, started }] = host.said("listeners") as [Record<"before" | "started", number[]>];
    expect(host.said("stopped")).toEqual([{ exitCode, listeners: before }]);
    expect(started).toEqual(before);
    expect(host.said("goes-on")).toEqual([null]);
  });

  test("lets go of the process when it stops, so that it ends by itself", async () => {
    await using host = new HostProcess("embedded", "let-go");
    await host.says("stopped");
    const stopped = performance.now();
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - stopped).toBeLessThan(soon(3_000)); // node's own end takes a while on a busy machine
  });
});

describe("a host with nothing to do", { concurrent: true }, () => {
  test("holds the process open until it stops, with nothing else that would", async () => {
    await using host = new HostProcess("idle", "stop");
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(host.said("stopped")).toEqual([0]); // so the process was there a second after its start
  });

  test("ends at a signal, with 0", async () => {
    await using host = new HostProcess("idle", "signals");
    await host.says("started");
    host.kill("SIGTERM");
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
  });
});

describe('onCriticalFailure: "stop"', { concurrent: true }, () => {
  test.for([
    ["signals", 1],
    ["program", 2],
  ] as const)("stops the host in order, and the process ends with what %s make of the report", async ([how, code]) => {
    await using host = new HostProcess("critical", how);
    expect(await host.ended).toMatchObject({ code, signal: null });
    expect(host.said("run")).toEqual([1, 2, 3]);
    expect(host.names.slice(-2)).toEqual(["idle-ended", "stopped"]);
    expect(host.said("stopped")).toEqual([{ exitCode: 1, error: "Service Pump failed: Error: no power" }]);
  });
});

test.concurrent("two copies of the package in one process share the ambient host and its calls, and tell their services' errors apart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-copy-e2e-"));
  try {
    cpSync(join(root, "packages", "core", "src"), join(folder, "src"), { recursive: true, filter: path => !/\.test(-d)?\.ts$/.test(path) });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    await using host = new HostProcess("two-copies", join(folder, "src", "index.ts"));
    expect(await host.ended).toMatchObject({ code: 1, signal: null });
    expect(host.said("copies")).toEqual([true]);
    expect(host.said("none")).toEqual([["SORA_HOST_NOT_RUNNING", "SORA_HOST_NOT_RUNNING"]]);
    expect(host.said("called")).toEqual([["Outer abc false", "Inner abc false"]]);
    expect(host.said("queried")).toEqual(["one"]);
    expect(host.said("ambiguous")).toEqual([["SORA_HOST_AMBIGUOUS", "SORA_HOST_AMBIGUOUS"]]);
    const own = [
      ["Outer one false", "Inner one false"],
      ["Back two false", "Inner two false"],
    ];
    expect(host.said("own")).toEqual([own]);
    expect(host.said("thrown")).toEqual([["one Outer: Error: from a timer of Outer", "two Back: Error: from a timer of Back"]]);
    expect(host.said("again")).toEqual([["Inner left false"]]);
    expect(host.said("unhandled")).toEqual([]);
    expect(host.errors.match(/Error: of the program/g)).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
