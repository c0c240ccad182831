// Builds the C programs: dist/tsns (launcher), dist/tsns-oci (the OCI runtime's), dist/tsns-sandbox (container helper and monitor), dist/tsns-tree (device nodes),
// dist/tsns-ns (acts inside namespaces), dist/tsns-init (process 1 for --init below another runtime), dist/tsns-flag.node (loaded into Node).
// Runs under any Node from 18 on, because it makes the program that finds a newer one. Knows sources and compilers only.
//   node native/build.mjs             static programs into dist/, when a source is newer
//   node native/build.mjs --sanitize  dist/sanitize/, with AddressSanitizer and UndefinedBehaviorSanitizer
//   node native/build.mjs --check     more warnings, all of them errors, for aarch64 too where there is a compiler for it; writes nothing
//   node native/build.mjs --test      builds and runs native/test/*.c under both sanitizers
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const native = dirname(fileURLToPath(import.meta.url));
const dist = join(native, "../dist");
const sources = readdirSync(native).filter((name) => name.endsWith(".c"));
/** @param {string} name */
const isNs = (name) => name === "ns.c" || name.startsWith("ns-");
/** @param {string} name */
const isTree = (name) => name === "tree.c" || name.startsWith("tree-");
const flagSource = "flag.c";
const firstSource = "first.c";
/** @param {string} name */
const isOci = (name) => name === "oci.c" || name.startsWith("oci-");
const node = ["node.c", "ahead.c", "resident.c", "seed.c"];
const launcher = ["launcher.c", ...node];
const sandbox = sources.filter(
  (name) => ![...launcher, flagSource, firstSource].includes(name) && !isTree(name) && !isNs(name) && !isOci(name),
);
/** Which sources each program is made of. */
const programs = {
  tsns: launcher,
  "tsns-oci": [...sources.filter(isOci), ...node, "io.c", "plan.c", "text.c", "errname.c"],
  "tsns-sandbox": sandbox,
  "tsns-tree": [...sources.filter(isTree), "text.c", "errname.c"],
  "tsns-init": [firstSource, "reap.c"],
  "tsns-ns": [...sources.filter(isNs), "text.c", "errname.c"],
};

/** The only one that is not a program: a library without another. */
const flagModule = "tsns-flag.node";
const flagLink = ["-shared", "-fPIC", "-nostdlib", "-O2", "-fvisibility=hidden", "-s"];

const common = ["-std=gnu11", "-D_GNU_SOURCE=", "-Wall", "-Wextra", "-Werror", "-fno-strict-aliasing"];
const release = [
  ...common,
  "-O2",
  "-fno-pie",
  "-fno-asynchronous-unwind-tables",
  "-ffunction-sections",
  "-fdata-sections",
  "-fstack-protector-strong",
];
const releaseLink = ["-static", "-no-pie", "-Wl,--gc-sections", "-Wl,-z,noexecstack,-z,norelro", "-s"];
const sanitize = [
  ...common,
  "-O1",
  "-g",
  "-fno-omit-frame-pointer",
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
  "-DTSNS_SANITIZE",
];
const strict = [
  ...["-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wold-style-definition", "-Wpointer-arith", "-Wcast-align", "-Wformat=2"],
  ...["-Wundef", "-Wwrite-strings", "-Wconversion", "-Wno-sign-conversion", "-Wnull-dereference", "-Wimplicit-fallthrough", "-Wvla"],
];

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`tsns: ${message}\n`);
  process.exit(1);
}

/** @param {string} program */
function works(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

function findCompiler() {
  const wanted = process.env.CC;
  if (wanted) {
    if (!works(wanted.split(" ")[0] ?? "")) fail(`the compiler CC=${wanted} does not run`);
    return wanted.split(" ");
  }
  const found = ["gcc", "clang", "cc"].find(works);
  if (!found)
    fail(
      "no C compiler: install one with `apt-get install gcc libc6-dev`, `dnf install gcc glibc-static` or `apk add gcc musl-dev linux-headers`",
    );
  return [found ?? ""];
}

/**
 * Runs one command; its output and whether it succeeded.
 * @param {string[]} argv
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
function run(argv, options = {}) {
  return new Promise((done) => {
    let output = "";
    const child = spawn(argv[0] ?? "", argv.slice(1), { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (/** @type {Buffer} */ chunk) => (output += chunk));
    child.on("error", (error) => done({ ok: false, output: error.message }));
    child.on("close", (code) => done({ ok: code === 0, output }));
  });
}

/**
 * All jobs, as many at a time as there are processors; the output of those that failed ends the program.
 * @param {string[][]} jobs
 * @param {(output: string) => string} explain
 */
async function runAll(jobs, explain = (output) => output) {
  const queue = [...jobs];
  const lanes = Math.max(1, os.cpus().length);
  /** @type {string[]} */
  const failures = [];
  const lane = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const { ok, output } = await run(job);
      if (!ok) failures.push(`${job[0]} ${job.at(-1)}\n${output}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) fail(explain(failures.join("\n")));
}

/** @param {string} output */
function explainLink(output) {
  if (!/cannot find -lc|attempted static link|cannot find -l/.test(output)) return `the C programs do not build:\n${output}`;
  return "no static C library: install it with `apt-get install libc6-dev`, `dnf install glibc-static` or `apk add musl-dev`";
}

/** @param {string} file */
const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** @param {string} target */
function upToDate(target) {
  const newest = Math.max(...readdirSync(native).map((name) => changed(join(native, name))));
  return [...Object.keys(programs), flagModule].every((name) => changed(join(target, name)) > newest);
}

/**
 * Compiles and links every program into `target`; a program that is being replaced stays whole until its successor is.
 * @param {string} target
 * @param {string[]} flags
 * @param {string[]} link
 */
async function build(target, flags, link) {
  if (upToDate(target)) return;
  const compiler = findCompiler();
  mkdirSync(target, { recursive: true });
  const scratch = mkdtempSync(join(target, ".build-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const object = (/** @type {string} */ source) => join(scratch, source.replace(/c$/, "o"));
  await runAll(
    sources.map((source) => [...compiler, ...flags, "-c", "-o", object(source), join(native, source)]),
    explainCompile,
  );
  await runAll([[...compiler, ...common, ...flagLink, "-o", join(scratch, flagModule), join(native, flagSource)]], explainCompile);
  await runAll(
    Object.entries(programs).map(([name, parts]) => [
      ...compiler,
      ...flags.filter((flag) => flag.startsWith("-fsanitize")),
      ...parts.map(object),
      ...link,
      "-o",
      join(scratch, name),
    ]),
    explainLink,
  );
  for (const name of [...Object.keys(programs), flagModule]) renameSync(join(scratch, name), join(target, name));
}

/** @param {string} output */
function explainCompile(output) {
  if (!/(linux|asm|sys|bits)\/[a-z0-9_-]+\.h.*(No such file|not found)|stdlib.h.*(No such file|not found)/.test(output))
    return `the C programs do not build:\n${output}`;
  return "no C headers: install them with `apt-get install libc6-dev`, `dnf install glibc-devel kernel-headers` or `apk add musl-dev linux-headers`";
}

/** The other processor that system calls are written for by hand (rest.c). */
const foreign = { arch: "arm64", compiler: "aarch64-linux-gnu-gcc", packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross" };

async function check() {
  const compiler = findCompiler();
  // Not /dev/null: a tool that removes what it could not write would remove the device.
  const scratch = mkdtempSync(join(os.tmpdir(), "tsns-native-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  let count = 0;
  const output = () => join(scratch, `${count++}.o`);
  const own = sources.map((name) => join(native, name));
  const files = [...own, ...tests().map((name) => join(native, "test", name))];
  /** @param {string[]} words @param {string} file @param {...string} flags */
  const job = (words, file, ...flags) => [...words, ...common, ...strict, "-O2", ...flags, "-I", native, "-c", "-o", output(), file];
  const jobs = files.map((file) => job(compiler, file));
  const other = own.filter((file) => readFileSync(file, "utf8").includes("TSNS_SANITIZE"));
  jobs.push(...other.map((file) => job(compiler, file, "-DTSNS_SANITIZE")));
  const reason =
    process.arch === foreign.arch ? "this machine is one" : works(foreign.compiler) ? "" : `apt-get install ${foreign.packages}`;
  if (reason === "") jobs.push(...own.map((file) => job([foreign.compiler], file)));
  await runAll(jobs);
  if (reason !== "") process.stdout.write(`not checked for ${foreign.arch} with ${foreign.compiler}: ${reason}\n`);
}

const tests = () => (existsSync(join(native, "test")) ? readdirSync(join(native, "test")).filter((name) => name.endsWith(".c")) : []);

/** Each file of native/test is one program, linked with every pure source. */
async function test() {
  const compiler = findCompiler();
  const scratch = mkdtempSync(join(os.tmpdir(), "tsns-native-"));
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  const pure = [
    "text.c",
    "errname.c",
    "plan.c",
    "json.c",
    "log.c",
    "log-entry.c",
    "log-file.c",
    "mount-line.c",
    "log-format.c",
    "log-sink.c",
    "io.c",
    "frame.c",
    "name-queue.c",
    "port-table.c",
    "detach.c",
    "passwd.c",
    "hook-words.c",
    "unix-path.c",
    "oci-words.c",
    "oci-process.c",
    "oci-delete.c",
  ].map((name) => join(native, name));
  const program = (/** @type {string} */ name) => join(scratch, name.replace(/\.c$/, ""));
  const objects = pure.map((source) => join(scratch, `${source.slice(native.length + 1)}.o`));
  await runAll([
    ...pure.map((source, at) => [...compiler, ...sanitize, "-c", "-o", objects[at] ?? "", source]),
    ...tests().map((name) => [...compiler, ...sanitize, "-I", native, "-c", "-o", `${program(name)}.o`, join(native, "test", name)]),
  ]);
  await runAll(tests().map((name) => [...compiler, "-fsanitize=address,undefined", `${program(name)}.o`, ...objects, "-o", program(name)]));
  let failed = 0;
  for (const name of tests()) {
    const { ok, output } = await run([program(name)], { cwd: scratch });
    process.stdout.write(`${ok ? "ok" : "not ok"} ${name} ${output.trim().split("\n").at(-1) ?? ""}\n`);
    if (!ok) process.stdout.write(`${output}\n`);
    failed += ok ? 0 : 1;
  }
  if (failed > 0) fail(`${failed} of ${tests().length} C tests failed`);
}

const [mode] = process.argv.slice(2);
if (mode === undefined) await build(dist, release, releaseLink);
else if (mode === "--sanitize") await build(join(dist, "sanitize"), sanitize, []);
else if (mode === "--check") await check();
else if (mode === "--test") await test();
else fail(`unknown option ${mode}; known: --sanitize, --check, --test`);
