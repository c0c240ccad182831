// The rules of the house that a reader relies on without looking: names, sizes, opening comments, no loose ends,
// a line for every folder, a lockfile without addresses. Layers are test/layers.test.ts's.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const top = fileURLToPath(new URL("..", import.meta.url));
const folders = ["src", "cmds", "tui", "native", "test"];

function filesBelow(folder: string): string[] {
  if (!existsSync(join(top, folder))) return [];
  return readdirSync(join(top, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const files = folders.flatMap(filesBelow);
const code = files.filter((path) => /\.(ts|mjs|c|h)$/.test(path)).map((path) => ({ path, text: readFileSync(join(top, path), "utf8") }));

/** Most lines of a file; tables of plain data may be longer. */
const maxLines = 400;
const isTable = (path: string) => /(^|[/-])table\.ts$/.test(path) || path === "cmds/tree.ts" || path.startsWith("test/fixture/data/");

t.ok(code.length > 10, "the files are found");

t.test("names", async (t) => {
  // two underscores mark the hidden command of shell completion, in cobra's way
  const odd = code.filter(({ path }) => !path.split("/").every((part) => /^(__)?[a-z0-9]+([-.][a-z0-9]+)*$/.test(part)));
  t.same(
    odd.map(({ path }) => path),
    [],
    "kebab-case",
  );
  const vague = files.filter((path) => /(^|[/-])(utils?|helpers?|manager|common|misc)([-./]|$)/.test(path));
  t.same(vague, [], "domain nouns, no utils or helpers");
});

t.test("size", async (t) => {
  const long = code.filter(({ path, text }) => !isTable(path) && text.split("\n").length - 1 > maxLines);
  t.same(
    long.map(({ path }) => path),
    [],
    `at most ${maxLines} lines`,
  );
});

t.test("opening comments", async (t) => {
  const bare = code.filter(({ path, text }) => !path.endsWith(".test.ts") && !/^(#!.*\n)?(\/\/|\/\*)/.test(text));
  t.same(
    bare.map(({ path }) => path),
    [],
    "each file opens with what it knows and what it does not",
  );
});

t.test("no loose ends", async (t) => {
  // spelled in pieces so that this file does not find itself
  const marks = [
    "TO" + "DO",
    "FIX" + "ME",
    "@ts-" + "ignore",
    "@ts-" + "nocheck",
    "as a" + "ny\\b",
    "\\.on" + "ly\\(",
    "\\bt\\.sk" + "ip\\(",
  ];
  const loose = new RegExp(marks.join("|"));
  const wrong = code.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => (loose.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );
  t.same(wrong, []);
});

t.test("every folder has its line in ARCHITECTURE.md", async (t) => {
  const architecture = readFileSync(join(top, "ARCHITECTURE.md"), "utf8");
  // two levels deep: below that a folder's name says what its parent's line left open
  const parents = new Set(
    code.map(({ path }) =>
      path
        .split("/")
        .slice(0, -1)
        .slice(0, path.startsWith("cmds/") ? 1 : 2)
        .join("/"),
    ),
  );
  // a folder of tests that mirrors one of sources is told by that one
  const mirrors = (folder: string) =>
    folder.startsWith("test/") && ["", "src/"].some((base) => existsSync(join(top, base + folder.slice(5))));
  const isTold = (folder: string) => [folder, folder.replace(/^test\//, "")].some((name) => architecture.includes(`\`${name}/\``));
  const untold = [...parents].filter((folder) => !mirrors(folder) && !isTold(folder));
  t.same(untold.sort(), []);
});

t.test("the lockfile records what to fetch, not where", async (t) => {
  const lock = readFileSync(join(top, "package-lock.json"), "utf8");
  t.notMatch(lock, /"resolved"/, "no addresses: run npm with the project's own .npmrc");
  t.match(lock, /"integrity": "sha512-/);
});

t.test("the lockfile has an entry for every package, other platforms' too", async (t) => {
  // npm leaves one out that the registry in use does not carry, and npm ci then refuses the whole lockfile
  const lock = JSON.parse(readFileSync(join(top, "package-lock.json"), "utf8"));
  const entries = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)));
  const wanted = Object.values<Record<string, Record<string, string> | undefined>>(lock.packages).flatMap((entry) => [
    ...Object.keys(entry.dependencies ?? {}),
    ...Object.keys(entry.optionalDependencies ?? {}),
  ]);
  t.ok(wanted.length > 100);
  t.same(
    wanted.filter((name) => !entries.has(name)),
    [],
  );
});

t.test("versions are exact", async (t) => {
  const manifest = JSON.parse(readFileSync(join(top, "package.json"), "utf8"));
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
  );
  t.same(loose, []);
});
