// Builds the shipped command: dist/main.cjs and one CommonJS file per command with everything it needs inside, each with
// V8's code for it. Runs at `npm ci` under whatever Node there is (18 or newer); the code needs Node 26.
//
// One file per command loads fastest: the shared code is in each of them (no second file to open), and no command
// carries another's. main.cjs only finds out which file it is and must run on any Node, to say that it is too old. Their names contain a hash of the content, so that
// file and code belong together whatever is being built beside a command that starts.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { boot, compileChunks } from "./bundle-runtime.mjs";

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(checkout, "dist");
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

/** Native or big: required from node_modules when first used. */
const external = ["netlink", "systeminformation", "blessed", "blessed-contrib", "node", "esbuild"];

/** @typedef {{ name: string, source: string }} Entry */

/** The commands as tree.ts lists them; `name` is what its file calls it. @returns {{ chunk: string, file: string, name: string, words: string[] }[]} */
function commands() {
  const source = readFileSync(join(checkout, "cmds/tree.ts"), "utf8");
  const found = [
    ...source.matchAll(
      /path: "([^"]+)",\s*also: \[([^\]]*)\][^{}]*?import\("\.\/([^"]+)"\)(?:\.then\(\((?:\w+)\) => pick\(\w+, "(\w+)"\)\))?/g,
    ),
  ];
  if (found.length === 0) throw new Error("cmds/tree.ts: no commands found");
  return found.map(([, path = "", also = "", file = "", name = "command"]) => ({
    // Commands that share a file share what is loaded for it.
    chunk: name === "command" ? path.replaceAll(" ", "-") : file.replace(/\.ts$/, "").replaceAll("/", "-"),
    file,
    name,
    words: [path, ...[...also.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word)],
  }));
}

/** Modules that no command needs as a rule: files of their own for all. */
const rare = {
  "cmds/container/top-all.ts": "container-top-all",
  "src/plan/explain.ts": "explain",
  "src/container/log/compile.ts": "log",
  "src/container/seccomp/choice.ts": "seccomp",
  "src/engine/container/relaunch.ts": "relaunch",
  "src/engine/container/inspect-as.ts": "container-as",
  "src/engine/image/pull.ts": "pull",
  "src/engine/network/missing.ts": "network-missing",
  "src/engine/name/trace.ts": "name-trace",
  "src/engine/volume/prepare.ts": "volume-prepare",
  "src/kernel/sandbox/failure.ts": "failure",
  "tui/pane/emulator.ts": "emulator",
};
/** Modules that commands which only look, or become the native client, rarely need: files of their own for those. */
const apart = {
  "src/kernel/apply.ts": "apply",
  "src/base/template/template.ts": "template",
  "src/container/inspect.ts": "container-view",
  "src/engine/container/cleanup.ts": "cleanup",
  "src/engine/image/inspect.ts": "image-view",
  "src/engine/network/bridge.ts": "bridge",
  "src/engine/network/show-live.ts": "bridge-live",
};
const light =
  /^container-(attach|exec|inspect|logs|ls|port|stats|top|wait)$|^dns-(log|ls|serve|trace)$|^(image|network|volume)-(inspect|ls)$|^(cgroup|mount|ns)-(ls|show|tree)$|^net-(rules|show)$/;

/** Everything main.cjs may load. @returns {Entry[]} */
function entries() {
  const fileOf = new Map(commands().map(({ chunk, file }) => [chunk, file]));
  const files = [...fileOf].map(([chunk, file]) => {
    // The OCI runtime has no engine: it begins in a file of its own.
    const start = file.startsWith("oci/") ? "./oci/start.ts" : "./start.ts";
    return {
      name: chunk,
      source: `import { runCommand } from "./direct.ts"; import { start } from "${start}";
      import * as commands from "./${file}"; export * from "./${file}"; export { start };
      export const run = (words, name) => runCommand(commands[name], words, start);`,
    };
  });
  const parts = Object.entries({ ...rare, ...apart }).map(([file, name]) => ({ name, source: `export * from "../${file}";` }));
  const main = { name: "main", source: 'export { runProcess } from "./main.ts";' };
  return [main, { name: "help", source: 'export * from "./help.ts";' }, ...parts, ...files];
}

/**
 * Command files and help are files of their own; other lazy imports stay where they are used.
 * @param {string} entry @returns {import("esbuild").Plugin}
 */
function chunks(entry) {
  const chunkOf = new Map(commands().map(({ chunk, file }) => [join(checkout, "cmds", file), chunk]));
  chunkOf.set(join(checkout, "cmds/help.ts"), "help");
  const parts = light.test(entry) ? { ...rare, ...apart } : rare;
  for (const [file, name] of Object.entries(parts)) chunkOf.set(join(checkout, file), name);
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
      builder.onResolve({ filter: /^node:(child_process|crypto|net|dns\/promises)$/ }, ({ path }) => ({ path, namespace: "lazy-builtin" }));
      builder.onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
        const names = Object.entries(await import(path)).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name));
        const lines = names.map(([name]) => `export const ${name} = (...given) => process.getBuiltinModule("${path}").${name}(...given);`);
        return { contents: lines.join("\n") };
      });
    },
  };
}

/** The default seccomp filter (src/container/seccomp/filter.ts), so that no start compiles it. @returns {Promise<unknown>} */
async function preparedFilters() {
  const { outputFiles } = await build({
    write: false,
    entryPoints: [join(checkout, "src/container/seccomp/choice.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node18",
    logLevel: "warning",
  });
  /** @type {{ exports: { prepareFilters?: () => unknown } }} */
  const module = { exports: {} };
  new Function("module", "require", outputFiles[0]?.text ?? "")(module, createRequire(import.meta.url));
  return module.exports.prepareFilters?.();
}

/** @param {Entry} entry @param {string} banner @param {string} filters @returns {Promise<string>} the CommonJS text, plain ASCII */
async function bundle({ name, source }, banner, filters) {
  const { outputFiles } = await build({
    write: false,
    stdin: { contents: source, resolveDir: join(checkout, "cmds"), sourcefile: `${name}.entry.ts`, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "cjs",
    charset: "ascii",
    target: "node26",
    // require() of a chunk is quicker than import(), which starts the ESM loader.
    supported: { "dynamic-import": false },
    external,
    plugins: [chunks(name), lazyBuiltins()],
    define: {
      TSNS_VERSION: JSON.stringify(version),
      TSNS_SECCOMP: filters,
      "import.meta.main": "false",
      "import.meta.url": "importMetaUrl",
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
    },
    banner: { js: banner },
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    legalComments: "none",
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
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

/** Whole or not at all: a command may be starting right now. @param {string} name @param {string} text */
function writeDist(name, text) {
  const path = join(dist, name);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** @param {string} node @param {string[]} args @param {Record<string, string>} [change] */
function runNode(node, args, change = {}) {
  const { status, stderr } = spawnSync(node, args, { cwd: dist, env: { ...process.env, NODE_OPTIONS: "", ...change }, encoding: "utf8" });
  if (status !== 0) throw new Error(`the bundle does not work:\n${stderr}`);
}

/** Files of earlier builds; not the youngest, which a command that has just started may still want. @param {Set<string>} current */
function removeStale(current) {
  for (const name of readdirSync(dist).filter((file) => /\.(cjs|jsc)$/.test(file) && !current.has(file))) {
    if (Date.now() - statSync(join(dist, name)).mtimeMs > 60_000) rmSync(join(dist, name));
  }
}

async function run() {
  mkdirSync(dist, { recursive: true });
  const node = modernNode();
  // Only packages that look for files beside themselves ask for their URL; ours do not.
  const urlBanner = 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;';
  const filters = JSON.stringify(await preparedFilters());
  const texts = await Promise.all(
    entries().map(async (entry) => ({ ...entry, text: await bundle(entry, entry.name === "help" ? urlBanner : "", filters) })),
  );
  /** @type {Record<string, string>} what a chunk is required as, and its file without ending */
  const files = {};
  for (const { name, text } of texts) {
    files[`./${name}.cjs`] = `${name}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    writeDist(`${files[`./${name}.cjs`]}.cjs`, text);
  }
  const stems = Object.values(files);
  if (node === undefined) process.stderr.write("tsns: no Node 26 here, so commands are compiled at each start, some milliseconds\n");
  else runNode(node, ["-e", `(${compileChunks})(${JSON.stringify(stems.map((stem) => join(dist, stem)))})`]);
  const all = commands().flatMap(({ words }) => words);
  // Where one command's words begin another's, the arguments tell which is meant: cmds/route.ts.
  const isClear = (/** @type {string} */ word) => !all.some((other) => other.startsWith(`${word} `) || word.startsWith(`${other} `));
  const direct = Object.fromEntries(
    commands().flatMap(({ chunk, name, words }) => words.filter(isClear).map((word) => [word, [chunk, name]])),
  );
  writeDist("main.cjs", `(${boot})(require,__dirname,${JSON.stringify(files)},${JSON.stringify(direct)});\n`);
  if (node !== undefined) runNode(node, [join(dist, "main.cjs"), "--help"]);
  removeStale(new Set(["main.cjs", ...stems.flatMap((stem) => [`${stem}.cjs`, `${stem}.jsc`])]));
  // The newest file of dist tells whether it is older than the sources.
  writeDist("built", `${version}\n`);
}

await run();
