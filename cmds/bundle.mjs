// Builds the shipped command: dist/main.cjs, one CommonJS file per command with everything it needs inside, and the
// compile cache. Runs at `npm ci` under whatever Node there is (18 or newer); the cache needs Node 26.
//
// One file per command loads fastest: the shared code is in each of them (no second file to open), and no command
// carries another's. main.cjs only finds out which file it is.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(checkout, "dist");
const cache = join(dist, "compile-cache");
/** Beside the one it replaces: entries are found by paths relative to the cache. */
const newCache = join(dist, "compile-cache-new");
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

/** Native or big: required from node_modules when first used. */
const external = ["netlink", "systeminformation", "blessed", "blessed-contrib", "node", "esbuild"];

/** @typedef {{ name: string, source: string }} Entry  name: dist/NAME.cjs */

/** The commands as tree.ts lists them. @returns {{ chunk: string, file: string }[]} */
function commands() {
  const source = readFileSync(join(checkout, "cmds/tree.ts"), "utf8");
  const found = [...source.matchAll(/path: "([^"]+)"[^{}]*?import\("\.\/([^"]+)"\)/g)];
  if (found.length === 0) throw new Error("cmds/tree.ts: no commands found");
  return found.map(([, path = "", file = ""]) => ({ chunk: path.replaceAll(" ", "-"), file }));
}

/** @returns {Entry[]} */
function entries() {
  const start = 'export { start } from "./start.ts";';
  return [
    { name: "main", source: 'import { runProcess } from "./main.ts"; if (require.main === module) void runProcess();' },
    { name: "help", source: 'export * from "./help.ts";' },
    ...commands().map(({ chunk, file }) => ({ name: chunk, source: `${start} export { command } from "./${file}";` })),
  ];
}

/** Command files and help are files of their own; other lazy imports stay where they are used. @returns {import("esbuild").Plugin} */
function chunks() {
  const chunkOf = new Map(commands().map(({ chunk, file }) => [join(checkout, "cmds", file), chunk]));
  chunkOf.set(join(checkout, "cmds/help.ts"), "help");
  // Every chunk brings `start` along, so that main never loads it by itself.
  chunkOf.set(join(checkout, "cmds/start.ts"), "main");
  return {
    name: "chunks",
    setup(builder) {
      builder.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const chunk = kind === "dynamic-import" ? chunkOf.get(resolve(resolveDir, path)) : undefined;
        return chunk === undefined ? undefined : { path: `./${chunk}.cjs`, external: true };
      });
    },
  };
}

/**
 * Built-in modules that take milliseconds to load and are not used on every way through a command: their functions
 * load them at the first call. @returns {import("esbuild").Plugin}
 */
function lazyBuiltins() {
  return {
    name: "lazy-builtins",
    setup(builder) {
      builder.onResolve({ filter: /^node:(child_process|crypto)$/ }, ({ path }) => ({ path, namespace: "lazy-builtin" }));
      builder.onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
        const names = Object.entries(await import(path)).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name));
        const lines = names.map(([name]) => `export const ${name} = (...given) => process.getBuiltinModule("${path}").${name}(...given);`);
        return { contents: lines.join("\n") };
      });
    },
  };
}

/** @param {Entry} entry */
async function bundle({ name, source }) {
  const { outputFiles } = await build({
    write: false,
    stdin: { contents: source, resolveDir: join(checkout, "cmds"), sourcefile: `${name}.entry.ts`, loader: "ts" },
    outfile: join(dist, `${name}.cjs`),
    bundle: true,
    platform: "node",
    format: "cjs",
    // main.cjs must get as far as saying that its Node is too old.
    target: name === "main" ? "node18" : "node26",
    // require() of a chunk is quicker than import(), which starts the ESM loader.
    supported: { "dynamic-import": false },
    external,
    plugins: [chunks(), lazyBuiltins()],
    define: {
      TSNS_VERSION: JSON.stringify(version),
      "import.meta.main": "false",
      "import.meta.url": "importMetaUrl",
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
    },
    // Only packages that look for files beside themselves ask for their URL; ours do not.
    banner: name === "help" ? { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' } : {},
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
  });
  // Whole or not at all: a command may be starting right now.
  for (const { path, contents } of outputFiles) {
    writeFileSync(`${path}.new`, contents);
    renameSync(`${path}.new`, path);
  }
}

/** Node 26 of the `node` package, or this one if it is new enough. @returns {string | undefined} */
function modernNode() {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin/node");
    if (existsSync(path)) return path;
  } catch {
    // Not installed: the machine's Node may do.
  }
  return Number(process.versions.node.split(".")[0]) >= 26 ? process.execPath : undefined;
}

/**
 * Fills the compile cache by loading every file once, its functions compiled eagerly: a command then compiles nothing.
 * The flag is taken back before exit, because V8 accepts a cache only under the flags it was written with.
 * @param {string[]} files
 */
function warmCache(files) {
  const node = modernNode();
  if (node === undefined) {
    process.stderr.write("tsns: no Node 26 here, so no compile cache: every command starts some milliseconds later\n");
    return;
  }
  const script = `
    const v8 = require("node:v8");
    v8.setFlagsFromString("--no-lazy");
    for (const file of ${JSON.stringify(files)}) require(file);
    v8.setFlagsFromString("--lazy");`;
  const env = { ...process.env, NODE_COMPILE_CACHE: newCache, NODE_COMPILE_CACHE_PORTABLE: "1", NODE_OPTIONS: "" };
  const { status, stderr } = spawnSync(node, ["-e", script], { cwd: dist, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`the bundle does not load:\n${stderr}`);
  makeReadable(newCache);
  rmSync(cache, { recursive: true, force: true });
  renameSync(newCache, cache);
}

/** Node writes the cache for its user only (0600); tsns may be installed by one user and run by another. @param {string} path */
function makeReadable(path) {
  const isDirectory = statSync(path).isDirectory();
  chmodSync(path, isDirectory ? 0o755 : 0o644);
  if (isDirectory) for (const name of readdirSync(path)) makeReadable(join(path, name));
}

async function run() {
  mkdirSync(dist, { recursive: true });
  const list = entries();
  const names = new Set(list.map(({ name }) => `${name}.cjs`));
  for (const name of readdirSync(dist)) if (name.endsWith(".cjs") && !names.has(name)) rmSync(join(dist, name));
  rmSync(newCache, { recursive: true, force: true });
  await Promise.all(list.map(bundle));
  warmCache([...names].map((name) => join(dist, name)));
  // The newest file of dist tells whether it is older than the sources.
  writeFileSync(join(dist, "built"), `${version}\n`);
}

await run();
