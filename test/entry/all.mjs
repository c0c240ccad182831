// `npm test`: everything, from nothing. Installs, checks, then tests of the native helper, root tests, scenarios through
// the shipped command, then asserts that the host is what it was; ends with the plain line of all of tap's totals.
import { mkdirSync, writeFileSync } from "node:fs";
import { check } from "./check.mjs";
import { keepForwarding } from "./forwarding.mjs";
import { installTestPackages } from "./host-packages.mjs";
import { ensureInstalled } from "./installed.mjs";
import { checkout } from "./node-version.mjs";
import { readSnapshot, testRunVariable } from "./snapshot.mjs";
import { runTap, skipLines, testFiles, totalsLine } from "./tap.mjs";

/** Skips that mean "not privileged" say so with these words (test/fixture/root.ts). */
const unprivileged = /^needs root/;

/** @param {string} name @param {string} what @param {Record<string, string>} [env] */
async function runKind(name, what, env = {}) {
  const files = testFiles(name);
  process.stdout.write(`\n${what}: ${files.length} files\n`);
  const totals = await runTap(name, files, { show: true, env });
  if (totals.failures !== "") process.stdout.write(`\n${totals.failures}\n`);
  return totals;
}

if (!installTestPackages()) process.exit(1);
ensureInstalled();

// What the tests start inherits it, so that a process left behind is found whatever its name is.
process.env[testRunVariable] = `${process.pid}-${Date.now()}`;

const before = `${checkout}/.tap/host-before.json`;
mkdirSync(`${checkout}/.tap`, { recursive: true });
writeFileSync(before, JSON.stringify(readSnapshot()));
const putForwardingBack = keepForwarding();

process.stdout.write("\ncheck\n");
const checked = await check();
const parts = [
  checked.totals,
  await runKind("native", "tests of the native helper"),
  await runKind("root", "root tests"),
  await runKind("e2e", "scenarios through dist/tsns"),
];
putForwardingBack();
parts.push(await runKind("after", "the host afterwards", { TSNS_HOST_BEFORE: before }));
const sum = (/** @type {"passed" | "failed" | "skipped"} */ name) => parts.reduce((total, part) => total + part[name], 0);
// a step of the check that is no test (format, types, C) counts as one failure
const otherFailures = !checked.ok && checked.totals.failed === 0 ? 1 : 0;
const totals = { passed: sum("passed"), failed: sum("failed") + otherFailures, skipped: sum("skipped") };
const skips = parts.flatMap((part) => part.skips);
const denied = skips.filter((reason) => unprivileged.test(reason)).length;
process.stdout.write("\n");
if (otherFailures > 0) process.stdout.write("check failed: see above\n");
process.stdout.write(skipLines(skips));
if (denied > 0) process.stdout.write(`${denied} tests were skipped because they need root\n`);

const ok = totals.failed === 0;
const result = { ...totals, ok, denied };
writeFileSync(`${checkout}/.tap/result.json`, JSON.stringify(result));
process.stdout.write(`${totalsLine(totals)}\n`);
process.exitCode = ok ? 0 : 1;
