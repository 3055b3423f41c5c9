// Runs before every npm script a newcomer may type first, so it must be valid on Node 20 and use nothing that is not in Node.
// Installs the dependencies when they are missing or older than package-lock.json, and makes sure that `node` in npm scripts is new enough.
//   node scripts/setup.mjs            what the pre-hooks run
//   node scripts/setup.mjs --stamp    what npm runs after an install by hand: notes that node_modules is up to date
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const neededNode = [24, 15];
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".sora-setup");
const lock = join(root, ".sora-setup.lock");
const windows = process.platform === "win32";

if (process.argv.includes("--stamp")) {
  if (existsSync(join(root, "node_modules"))) writeFileSync(stamp, fingerprint());
} else {
  process.exitCode = (await installOnce()) || checkNode();
}

function fingerprint() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");
}

function isInstalled() {
  try {
    return readFileSync(stamp, "utf8") === fingerprint();
  } catch {
    return false;
  }
}

async function installOnce() {
  if (isInstalled()) return 0;
  const owner = await takeLock();
  try {
    if (isInstalled()) return 0; // another command, started at the same time, has just done it
    console.log("Installing dependencies with npm ci (first run, or package-lock.json has changed) ...");
    const status = await runNpm(["ci", "--loglevel=error", "--no-audit", "--no-fund"]);
    if (status === 0) writeFileSync(stamp, fingerprint());
    else console.error(`npm ci ended with status ${status}; its message is above. Nothing was started.`);
    return status;
  } finally {
    unlinkSync(owner);
    rmdirSync(lock);
  }
}

// npm finishes or undoes its work when it is interrupted, which takes seconds; the lock is held as long, by npm's own process too should this one be killed.
async function runNpm(args) {
  const npm = process.env.npm_execpath; // the npm that runs this hook; `npm` from the PATH only when the script was started by hand
  const options = { cwd: root, stdio: "inherit" };
  const child = npm !== undefined && existsSync(npm) ? spawn(process.execPath, [npm, ...args], options) : spawn("npm", args, { ...options, shell: windows });
  const holder = join(lock, String(child.pid));
  if (child.pid !== undefined) writeFileSync(holder, "");
  let interrupted = 0;
  const interrupt = (signal, number) => {
    if (interrupted === 0) console.error("Interrupted; npm is finishing what it has begun ...");
    interrupted = 128 + number;
    child.kill(signal);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    return await new Promise(settle => {
      child.on("error", error => {
        console.error(`npm could not be started: ${error.message}`);
        settle(1);
      });
      child.on("close", code => settle(interrupted || (code ?? 1)));
    });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    if (child.pid !== undefined) unlinkSync(holder);
  }
}

// The lock is a folder, which only one process can make, holding files named after the processes that hold it. Holders that were killed leave both; whoever
// finds none of them alive clears the folder away. It can be removed only while it is empty, and whoever loses a race just tries again.
async function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock);
      const owner = join(lock, String(process.pid));
      writeFileSync(owner, "");
      return owner;
    } catch (error) {
      if (error.code !== "EEXIST" && error.code !== "ENOENT") throw error;
    }
    clearAbandonedLock();
    await sleep(200);
  }
}

function clearAbandonedLock() {
  try {
    const holders = readdirSync(lock);
    if (holders.some(holder => isAlive(Number(holder)))) return;
    if (holders.length === 0 && Date.now() - statSync(lock).mtimeMs < 5_000) return; // just made: its file is still to come
    for (const holder of holders) unlinkSync(join(lock, holder));
    rmdirSync(lock);
  } catch {
    // another process was faster
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function checkNode() {
  const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  const found = spawnSync("node", ["-p", "process.versions.node"], { encoding: "utf8", shell: windows, env: { ...process.env, PATH: path } });
  const version = (found.stdout ?? "").trim();
  const [major, minor] = version.split(".").map(Number);
  if (major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])) return 0;
  console.error(
    `Sora needs Node ${neededNode.join(".")} or later, but \`node\` here is ${version || "missing"}. The dependencies bring one for Linux (x64, arm64) and Windows (x64); ` +
      `on ${process.platform} (${process.arch}) install a newer Node from https://nodejs.org and run the command again.`,
  );
  return 1;
}
