#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that one too old gets a sentence and not a syntax error.
import { existsSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const needed = [24, 15];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`sora: Node ${needed.join(".")} or later is needed, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org.`);
  process.exitCode = 2;
} else {
  keepCompiledCode();
  // in the repository Node strips the types of the sources; below node_modules it does not, and there is what was built
  const source = new URL("../src/main.ts", import.meta.url);
  const path = fileURLToPath(source);
  const fromSource = !/[\\/]node_modules[\\/]/.test(path) && existsSync(path);
  const { main } = await import(fromSource ? source.href : new URL("../dist/main.js", import.meta.url).href);
  await main();
}

/**
 * Has Node keep what it compiles, of this command and of the programs it runs: a host then starts, and starts again, in less than half the time. In a folder of the user's own, since Node's usual one lies
 * where every user of the machine may have put something first. Whoever has set the folder, or measures coverage, is left alone.
 */
function keepCompiledCode() {
  const { env, platform } = process;
  try {
    if (!env.NODE_COMPILE_CACHE && !env.NODE_V8_COVERAGE) {
      const caches = env.XDG_CACHE_HOME || (platform === "win32" && env.LOCALAPPDATA) || join(homedir(), ".cache");
      env.NODE_COMPILE_CACHE = join(caches, "sora", "compiled");
    }
    if (env.NODE_COMPILE_CACHE) module.enableCompileCache?.();
  } catch {
    // a user without a home, as in some containers: everything is compiled again
  }
}
