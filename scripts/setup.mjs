// Runs before every npm script a newcomer may type first, so it must be valid on Node 20 and use nothing that is not in Node.
// Installs the dependencies when they are missing or older than package-lock.json, and makes sure that `node` in npm scripts is new enough.
//   node scripts/setup.mjs            what the pre-hooks run
//   node scripts/setup.mjs --stamp    what npm runs after an install by hand: notes that node_modules is up to date
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededNode = [24, 15];
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".sora-setup");
const lock = join(root, ".sora-setup.lock");
const windows = process.platform === "win32";

if (process.argv.includes("--stamp")) {
  if (existsSync(join(root, "node_modules"))) writeFileSync(stamp, fingerprint());
} else {
  process.exitCode = installOnce() || checkNode();
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

function installOnce() {
  if (isInstalled()) return 0;
  const owner = takeLock();
  try {
    if (isInstalled()) return 0; // another command, started at the same time, has just done it
    console.log("Installing dependencies with npm ci (first run, or package-lock.json has changed) ...");
    const status = runNpm(["ci", "--loglevel=error", "--no-audit", "--no-fund"]);
    if (status === 0) writeFileSync(stamp, fingerprint());
    else console.error(`npm ci ended with status ${status}; its message is above. Nothing was started.`);
    return status;
  } finally {
    unlinkSync(owner);
    rmdirSync(lock);
  }
}

function runNpm(args) {
  const npm = process.env.npm_execpath; // the npm that runs this hook; `npm` from the PATH only when the script was started by hand
  const options = { cwd: root, stdio: "inherit" };
  const done =
    npm !== undefined && existsSync(npm) ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync("npm", args, { ...options, shell: windows });
  if (done.error) console.error(`npm could not be started: ${done.error.message}`);
  return done.status ?? 1;
}

// The lock is a folder, which only one process can make, holding one file named after that process. A holder that was killed leaves both;
// whoever manages to remove the file, which again only one process can, clears the folder away.
function takeLock() {
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
    sleep(200);
  }
}

function clearAbandonedLock() {
  try {
    const [holder] = readdirSync(lock);
    if (holder !== undefined && !isAlive(Number(holder))) {
      unlinkSync(join(lock, holder));
      rmdirSync(lock);
    } else if (holder === undefined && Date.now() - statSync(lock).mtimeMs > 5_000) {
      rmdirSync(lock); // killed between making the folder and the file
    }
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

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
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
