// Holds the layer table of ARCHITECTURE.md against the imports of every source file.
// It knows file texts only; nothing is loaded. Names, sizes and folders are test/house.test.ts's.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";

const top = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  readonly path: string;
  readonly text: string;
  /** Specifiers as written, resolved to a path from the top where they are relative. */
  readonly imports: readonly string[];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(top, folder))) return [];
  return readdirSync(join(top, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Import and export-from statements, dynamic imports with a literal, and require. */
const importPattern = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\(|\bcreateRequire\s*\([^)]*\)\s*\()\s*["']([^"']+)["']/g;

function parseImports(path: string, text: string): string[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match[1] ?? "";
    return specifier.startsWith(".") ? join(dirname(path), specifier) : specifier;
  });
}

const sources: readonly Source[] = ["src", "cmds", "tui"]
  .flatMap(filesBelow)
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(top, path), "utf8");
    return { path, text, imports: parseImports(path, text) };
  });

/** The layers, highest first. A file may import its own layer and those it lists, by folder. */
const nouns = ["namespace", "cgroup", "mount", "layer", "volume", "network", "name", "image", "container", "runtime"].map(
  (noun) => `src/${noun}`,
);
const pure = [...nouns, "src/plan", "src/base"];
const layers: Readonly<Record<string, readonly string[]>> = {
  cmds: ["cmds", "tui", "src/api", "src/engine", "src/build", "src/compose", ...pure],
  tui: ["tui", "cmds", "src/engine", ...pure],
  "src/api": ["src/api", "src/engine", "src/build", "src/compose", ...pure],
  "src/engine": ["src/engine", "src/kernel", "src/store", "src/registry", "src/build", "src/compose", ...pure],
  "src/kernel": ["src/kernel", ...pure],
  "src/store": ["src/store", ...pure],
  "src/registry": ["src/registry", "src/image", "src/base"],
  "src/build": ["src/build", ...pure],
  "src/compose": ["src/compose", ...pure],
  ...Object.fromEntries(nouns.map((noun) => [noun, pure])),
  "src/plan": ["src/plan", "src/base"],
  "src/base": ["src/base"],
};

/** Packages and the only folders that may import them. */
const packageHomes: readonly { readonly name: RegExp; readonly homes: readonly string[] }[] = [
  { name: /^netlink(\/|$)/, homes: ["src/kernel"] },
  { name: /^systeminformation(\/|$)/, homes: ["src/kernel"] },
  { name: /^yargs(-parser)?(\/|$)/, homes: ["cmds"] },
  { name: /^blessed(-contrib)?(\/|$)/, homes: ["tui/screen"] },
  { name: /^@xterm\/headless$/, homes: ["tui/pane"] },
  { name: /^dns-packet(\/|$)/, homes: ["src/name"] },
  { name: /^node:sqlite$/, homes: ["src/store"] },
  { name: /^dns-packet(\/|$)/, homes: ["src/name"] },
];

/** Folders of the dashboard that make cells of values. */
const presentation = ["model", "draw", "view", "tab", "dialog", "action"].map((folder) => `tui/${folder}`);

/** Layers that touch nothing: their files may use no module that does. */
const untouching = [...pure, "src/build", "src/compose", ...presentation];
const touching = /^node:(fs|child_process|net|dgram|http|https|tls|os|dns|worker_threads|cluster|sqlite|readline|repl|tty)(\/|$)/;

/** Reads /dev/urandom, which is no state of anybody, because node:crypto loads slowly. */
const excepted = ["src/base/id.ts imports node:fs"];

const layerOf = (path: string) => path.split("/", path.startsWith("src/") ? 2 : 1).join("/");
const isBelow = (path: string, folders: readonly string[]) => folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (specifier: string) => /^(src|cmds|tui|native|test)\//.test(specifier);

/** Asserts that a rule finds nothing, listing what it found. */
function holds(t: Test, name: string, violations: readonly string[]) {
  t.same(violations, [], name);
}

t.ok(sources.length > 10, "the sources are found");

t.test("imports point down only", async (t) => {
  for (const layer of new Set(sources.map((source) => layerOf(source.path)))) {
    const allowed = layers[layer];
    if (allowed === undefined) {
      t.fail(`${layer} is in no layer: add it to the table here and in ARCHITECTURE.md`);
      continue;
    }
    const own = sources.filter((source) => layerOf(source.path) === layer);
    const wrong = own.flatMap(({ path, imports }) =>
      imports.filter((name) => isOurs(name) && !isBelow(name, allowed)).map((name) => `${path} imports ${name}`),
    );
    holds(t, layer, wrong);
  }
});

t.test("packages stay in their folders", async (t) => {
  for (const { name, homes } of packageHomes) {
    const wrong = sources.filter(({ path, imports }) => imports.some((specifier) => name.test(specifier)) && !isBelow(path, homes));
    holds(
      t,
      `${name.source} in ${homes.join(", ")}`,
      wrong.map(({ path }) => path),
    );
  }
});

t.test("layers that touch nothing use no module that does", async (t) => {
  const wrong = sources
    .filter(({ path }) => isBelow(path, untouching))
    .flatMap(({ path, imports }) => imports.filter((name) => touching.test(name)).map((name) => `${path} imports ${name}`));
  holds(
    t,
    "no effects",
    wrong.filter((line) => !excepted.includes(line)),
  );
});

t.test("the dashboard's presentation takes types of the engine, nothing that acts", async (t) => {
  const engine = /^import (?!type )[^;]*from "(\.\.\/)+src\/engine\//gm;
  const wrong = sources.filter(({ path, text }) => isBelow(path, presentation) && engine.test(text)).map(({ path }) => path);
  holds(t, "types alone", wrong);
});

/** What a command gets from its context instead, so that it also runs inside a resident process or a test. */
const processGlobal =
  /\bprocess\.(argv|chdir|cwd|emitWarning|env|exit|exitCode|getuid|kill|on|once|pid|stderr|stdin|stdout)\b|\bconsole\.\w|"(node:)?process"/;

t.test("commands use no process globals", async (t) => {
  const commands = sources.filter(
    ({ path, text }) => path.startsWith("cmds/") && (path.split("/").length > 2 || text.includes("defineCommand({")),
  );
  const wrong = commands.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const found = line.replace(/^\s*(\/\/|\/?\*).*/, "").match(processGlobal);
      return found === null ? [] : [`${path}:${index + 1} ${found[0]}`];
    }),
  );
  holds(t, "context instead of process", wrong);
});

t.test("the parser of imports sees every form", async (t) => {
  const text = [
    'import a from "./a.ts";',
    'import type { B } from "../b.ts";',
    'export * from "node:fs";',
    'const c = await import("netlink");',
    'const d = require("yargs");',
    'import "tap";',
  ].join("\n");
  t.same(parseImports("src/x/y.ts", text), ["src/x/a.ts", "src/b.ts", "node:fs", "netlink", "yargs", "tap"]);
});
