// What holds for every command of the tree, and that options which docker has too are docker's.
import { readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { groups, spellings, tree } from "../../cmds/tree.ts";

/** Per command and option: type, then the short letter if there is one. From docker 28's help. */
const docker = JSON.parse(readFileSync(new URL("fixture/docker-option.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, [string, string?]>
>;

t.test("spellings are unique and belong to known groups", async (t) => {
  const all = tree.flatMap(spellings);
  t.equal(new Set(all).size, all.length, "no spelling twice");
  for (const spelling of all) {
    const group = spelling.replace(/ ?[^ ]*$/, "");
    if (group !== "") t.ok(Object.hasOwn(groups, group) || all.includes(group), spelling);
    t.notOk(Object.hasOwn(groups, spelling), `${spelling} is not a group as well`);
  }
});

for (const entry of tree) {
  t.test(`tsns ${entry.path}`, async (t) => {
    const { command } = await entry.load();
    t.equal(command.path, entry.path, "the file says the same path");
    t.match(command.summary, /^[A-Z].*[^.\s]$/, "one line without a full stop");
    t.notMatch(command.summary, /\n/);
    t.ok(command.arity[0] <= command.arity[1]);
    const names = Object.keys(command.options);
    if (command.arity[0] > 0) t.match(command.usage.replace("[OPTIONS]", "").trim(), /\S/, "the usage names its arguments");
    const shorts: string[] = [];
    for (const name of names) {
      const option = command.options[name];
      t.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/, "kebab-case");
      t.match(option.describe, /^[A-Z`].*[^.\s]$/, `--${name} is described`);
      t.notOk(name === "help" || name === "dry-run" || name === "explain" || name === "timings", `--${name} is not the command's own`);
      if (option.short) shorts.push(option.short);
      if (option.choices && typeof option.default === "string") t.ok(option.choices.includes(option.default));
    }
    t.equal(new Set(shorts).size, shorts.length, "no letter twice");
    compareWithDocker(t, entry.path, command.options);
  });
}

t.test("images: every command of docker's and every option of theirs", async (t) => {
  const isOfImages = (path: string) => /^(image|manifest|login|logout|search|system (df|prune))( |$)/.test(path) && path !== "image build";
  const theirs = Object.entries(docker).filter(([path]) => isOfImages(path));
  t.ok(theirs.length > 20);
  for (const [path, options] of theirs) {
    const own = await tree.find((entry) => entry.path === path)?.load();
    const missing = Object.keys(options).filter((name) => !Object.hasOwn(own?.command.options ?? {}, name));
    t.same(missing, [], path);
  }
});

function compareWithDocker(t: Test, path: string, options: Readonly<Record<string, { type: string; short?: string }>>): void {
  const theirs = docker[path];
  if (!theirs) return;
  const letters = new Map(Object.entries(theirs).flatMap(([name, [, short]]) => (short ? [[short, name] as const] : [])));
  for (const [name, option] of Object.entries(options)) {
    const same: [string, string?] | undefined = theirs[name];
    if (same) {
      t.equal(option.short, same[1], `--${name}: docker's letter`);
      t.equal(option.type === "boolean", same[0] === "bool", `--${name}: takes a value where docker's does`);
    } else if (option.short) t.notOk(letters.has(option.short), `-${option.short} is docker's for --${letters.get(option.short)}`);
  }
}
