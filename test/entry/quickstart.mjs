// `npm run quickstart`: from a fresh clone to a container that tsns composed, and proof that the host is what it was.
// Works on a data root of its own, so that a real installation is neither used nor changed.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { keepForwarding } from "./forwarding.mjs";
import { installPrograms, runtimeNeeds } from "./host-packages.mjs";
import { ensureInstalled } from "./installed.mjs";
import { checkout } from "./node-version.mjs";
import { runHere } from "./process.mjs";
import { differencesThatStay, readSnapshot } from "./snapshot.mjs";

/** A file that every distribution has; the container changes its own copy. */
const file = "/etc/passwd";
const digest = () => createHash("sha256").update(readFileSync(file)).digest("hex");
const print = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);

/** @param {string} message @param {string} hint @returns {never} */
function fail(message, hint) {
  process.stderr.write(`${message}\n  hint: ${hint}\n`);
  process.exit(1);
}

if (process.getuid?.() !== 0)
  fail("containers with limits and a network are made by root", "run `sudo npm run quickstart`, or log in as root");
if (!installPrograms(runtimeNeeds)) process.exit(1);
ensureInstalled();

const tsns = `${checkout}/dist/tsns`;
const script = readFileSync(new URL("demonstration.sh", import.meta.url), "utf8");
const before = { host: readSnapshot(), file: digest() };
const putForwardingBack = keepForwarding();
const root = mkdtempSync(`${tmpdir()}/tsns-quickstart-`);
const options = ["--rm", "--memory", "1g", "--cpu-shares", "512"];

print(`\n$ tsns run ${options.join(" ")} host sh -c '...'\n`);
const startMs = Date.now();
const code = runHere([tsns, "run", ...options, "host", "sh", "-c", script, "sh", file], { TSNS_ROOT: root });
const tookMs = Date.now() - startMs;
const resetCode = runHere([tsns, "system", "reset", "--force"], { TSNS_ROOT: root });
rmSync(root, { recursive: true, force: true });
const putBack = putForwardingBack();
if (putBack.length > 0) {
  print(`\ntsns has changed ${putBack.join(", ")} and leaves it so, since others may rely on it by then (as docker does); put back here`);
}

const left = await differencesThatStay(before.host, 5000);
if (before.file !== digest()) left.push(`${file} has changed`);
print(`\nThe container lived ${tookMs} ms, start to end. The host before and after:\n`);
for (const [section, lines] of Object.entries(before.host)) {
  if (section !== "namespace")
    print(
      `  ${section.padEnd(14)} ${String(lines.length).padStart(3)}${left.some((line) => line.slice(2).startsWith(section)) ? "  changed" : "  unchanged"}`,
    );
}
print(`  ${file.padEnd(14)} sha256 ${before.file.slice(0, 16)}...  ${before.file === digest() ? "unchanged" : "changed"}`);
for (const line of left) print(`  ${line}`);
if (code !== 0) fail(`\nthe container ended with ${code}`, "dist/tsns run --explain host true says what it does step by step");
if (resetCode !== 0 || left.length > 0) fail("\nthe host is not what it was", "the lines above say what is left");
print("\nNext: dist/tsns run -it --rm host bash    then: dist/tsns --help");
