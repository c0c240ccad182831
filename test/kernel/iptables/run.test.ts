// The programs are started, or it is said why not. Needs iptables, not root.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { readBackend } from "../../../src/kernel/iptables/index.ts";
import { iptablesError, runIptables } from "../../../src/kernel/iptables/run.ts";

t.test("the variant is the caller's choice", async (t) => {
  t.equal(readBackend("ipv4", { backend: "nft" }).backend, "nft");
  t.equal(readBackend("ipv4", { backend: "legacy" }).backend, "legacy");
  t.match(readBackend("ipv6").version, /^\d+\.\d+/);
});

t.test("a missing program is named with its package", async (t) => {
  const empty = mkdtempSync(join(tmpdir(), "tsns-path-"));
  t.teardown(() => rmSync(empty, { recursive: true }));
  t.throws(() => runIptables("ipv4", "-restore", [], { searchPath: empty }), {
    kind: "unsupported",
    code: "iptables-missing",
    message: "iptables-restore is not installed",
    hint: "apt-get install iptables",
  });
});

t.test("exit statuses become kinds", async (t) => {
  const outcome = (status: number) => ({ status, stdout: "", stderr: "# note\nno such thing\nTry `iptables -h'\n" });
  t.equal(iptablesError(outcome(1), "do it", true).message, "cannot do it: no such thing");
  t.match(iptablesError(outcome(1), "do it", true), { kind: "internal", code: "iptables-failed" });
  t.match(iptablesError(outcome(3), "do it", true), { kind: "unsupported", code: "iptables-table" });
  t.match(iptablesError(outcome(4), "do it", true), { kind: "unavailable", code: "iptables-busy" });
  t.match(iptablesError(outcome(4), "do it", false), { kind: "denied", code: "iptables-denied" });
});
