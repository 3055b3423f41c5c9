#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that one too old gets a sentence and not a syntax error.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const needed = [24, 15];
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`sora: Node ${needed.join(".")} or later is needed, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org.`);
  process.exitCode = 2;
} else {
  module.enableCompileCache?.();
  // in the repository Node strips the types of the sources; below node_modules it does not, and there is what was built
  const source = new URL("../src/main.ts", import.meta.url);
  const path = fileURLToPath(source);
  const fromSource = !/[\\/]node_modules[\\/]/.test(path) && existsSync(path);
  const { main } = await import(fromSource ? source.href : new URL("../dist/main.js", import.meta.url).href);
  await main();
}
