import t from "tap";
import type { OptionTable } from "../../cmds/command.ts";
import { parseOptions } from "../../cmds/parse.ts";

const table = {
  "cpu-quota": { type: "number", describe: "" },
  cpus: { type: "number", value: "decimal", describe: "" },
  detach: { type: "boolean", short: "d", describe: "" },
  env: { type: "list", short: "e", describe: "" },
  explain: { type: "string", bare: "text", choices: ["text", "sh"], describe: "" },
  interactive: { type: "boolean", short: "i", describe: "" },
  memory: { type: "string", short: "m", describe: "" },
  "memory-swap": { type: "string", describe: "" },
  name: { type: "string", describe: "" },
  network: { type: "string", aliases: ["net"], describe: "" },
  publish: { type: "list", short: "p", describe: "" },
  pull: { type: "string", default: "missing", choices: ["missing", "never"], describe: "" },
  secret: { type: "boolean", hidden: true, describe: "" },
  "sig-proxy": { type: "boolean", default: true, describe: "" },
  tty: { type: "boolean", short: "t", describe: "" },
} as const satisfies OptionTable;

/** Values without the defaults of the table. */
function values(...words: string[]): Record<string, unknown> {
  const parsed = parseOptions(table, words, false);
  t.same(parsed.problems, [], words.join(" "));
  const { pull, "sig-proxy": proxy, ...rest } = parsed.values;
  return { ...rest, ...(pull === "missing" ? {} : { pull }), ...(proxy === true ? {} : { "sig-proxy": proxy }) };
}

function problem(...words: string[]): string {
  return parseOptions(table, words, false).problems.join("|");
}

t.test("every way of writing a value", async (t) => {
  t.same(values("--name", "x"), { name: "x" });
  t.same(values("--name=x"), { name: "x" });
  t.same(values("--name="), { name: "" });
  t.same(values("--name", ""), { name: "" });
  t.same(values("--name=a=b"), { name: "a=b" });
  t.same(values("-m", "1g"), { memory: "1g" });
  t.same(values("-m1g"), { memory: "1g" });
  t.same(values("-m=1g"), { memory: "1g" });
  t.same(values("-p8080:80", "-p", "1:2/udp", "--publish=3"), { publish: ["8080:80", "1:2/udp", "3"] });
  t.same(values("--net", "none"), { network: "none" });
  t.same(values("-e", "A=B", "-e", "C"), { env: ["A=B", "C"] });
});

t.test("combined short options", async (t) => {
  t.same(values("-it"), { interactive: true, tty: true });
  t.same(values("-itd"), { interactive: true, tty: true, detach: true });
  t.same(values("-itm", "1g"), { interactive: true, tty: true, memory: "1g" });
  t.same(values("-ite=A"), { interactive: true, tty: true, env: ["A"] });
  t.same(values("-d=false"), { detach: false });
});

t.test("values may begin with a dash", async (t) => {
  t.same(values("-e", "-x"), { env: ["-x"] });
  t.same(values("--cpu-quota", "-1"), { "cpu-quota": -1 });
  t.same(values("--memory-swap", "-1"), { "memory-swap": "-1" });
  t.same(values("--name", "--"), { name: "--" });
});

t.test("text stays text, numbers become numbers", async (t) => {
  t.same(values("--name", "0123", "-m", "1e3", "-e", "7"), { name: "0123", memory: "1e3", env: ["7"] });
  t.same(values("--cpu-quota", "0100", "--cpus", "1.50"), { "cpu-quota": 100, cpus: 1.5 });
});

t.test("booleans take Go's spellings", async (t) => {
  for (const word of ["true", "1", "t", "T", "TRUE", "True"]) t.same(values(`--tty=${word}`), { tty: true });
  for (const word of ["false", "0", "f", "F", "FALSE", "False"]) t.same(values(`--sig-proxy=${word}`), { "sig-proxy": false });
  t.equal(problem("--tty=yes"), 'invalid argument "yes" for "-t, --tty": must be true or false');
});

t.test("an option that may stand alone", async (t) => {
  t.same(values("--explain"), { explain: "text" });
  t.same(values("--explain=sh"), { explain: "sh" });
  t.same(parseOptions(table, ["--explain", "sh"], false).args, ["sh"]);
  t.equal(problem("--explain=pdf"), 'invalid argument "pdf" for "--explain": must be one of text, sh');
});

t.test("where options end", async (t) => {
  t.same(parseOptions(table, ["-d", "img", "ls", "-la", "--name", "x"], false).args, ["img", "ls", "-la", "--name", "x"]);
  t.same(parseOptions(table, ["-d", "--", "-img", "--name"], false).args, ["-img", "--name"]);
  t.same(parseOptions(table, ["img", "--", "x"], false).args, ["img", "--", "x"], "after the first argument -- is an argument");
  const mixed = parseOptions(table, ["a", "-d", "-", "--name", "n", "b", "--", "-c"], true);
  t.same(mixed.args, ["a", "-", "b", "-c"]);
  t.match(mixed.values, { detach: true, name: "n" });
});

t.test("defaults hold where nothing was said", async (t) => {
  t.match(parseOptions(table, [], true).values, { pull: "missing", "sig-proxy": true });
  t.notOk("env" in parseOptions(table, [], true).values);
});

t.test("help ends the parse; -h is help only where it is nothing else", async (t) => {
  t.ok(parseOptions(table, ["-d", "--help", "--nonsense"], true).help);
  t.same(parseOptions(table, ["--help", "--nonsense"], true).problems, []);
  t.ok(parseOptions(table, ["-h"], true).help);
  t.same(parseOptions({ hostname: { type: "string", short: "h", describe: "" } }, ["-h", "x"], true).values, { hostname: "x" });
  t.notOk(parseOptions(table, ["img", "--help"], false).help, "a container's command has its own --help");
});

t.test("all problems at once, with a guess", async (t) => {
  t.equal(
    problem("--memroy", "--zzzzzzzz", "-ix", "--cpu-quota", "1.5", "--cpus=a", "--pull=always", "--name"),
    [
      "unknown flag: --memroy, did you mean --memory?",
      "unknown flag: --zzzzzzzz",
      "unknown shorthand flag 'x' in -ix",
      'invalid argument "1.5" for "--cpu-quota": must be a whole number',
      'invalid argument "a" for "--cpus": must be a number',
      'invalid argument "always" for "--pull": must be one of missing, never',
      "flag needs an argument: --name",
    ].join("|"),
  );
  t.equal(problem("-m"), "flag needs an argument: 'm' in -m");
  t.equal(problem("--secrte"), "unknown flag: --secrte", "a hidden option is not offered");
  for (const word of ["--constructor", "--__proto__=1", "--toString"]) t.match(problem(word), /^unknown flag/, word);
});
