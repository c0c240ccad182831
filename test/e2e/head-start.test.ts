// The launcher starts what a listing will ask for before Node: asked once, and asked again where that went wrong.
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { command } from "../fixture/data-root.ts";

/** Looks alone: no data root is made. */
function tsns(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { PATH: process.env.PATH, TSNS_ROOT: "/proc/tsns", ...env },
    encoding: "utf8",
  });
  return { code: status, stdout, stderr };
}

/** A folder of iptables programs that note their calls. */
function fakePrograms(t: Test, body: string) {
  const folder = t.testdir({ log: "" });
  for (const name of ["iptables-nft-save", "ip6tables-nft-save"]) {
    const path = `${folder}/${name}`;
    writeFileSync(path, `#!/bin/sh\necho ${name} "$@" $LC_ALL >> ${folder}/log\n${body}\n`);
    chmodSync(path, 0o755);
  }
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    folder,
    calls() {
      const lines = readFileSync(`${folder}/log`, "utf8").split("\n").filter(Boolean).toSorted();
      writeFileSync(`${folder}/log`, "");
      return lines;
    },
  };
}

const both = ["ip6tables-nft-save -c C", "iptables-nft-save -c C"];

t.test("each program is run once", async (t) => {
  const { env, calls } = fakePrograms(t, "printf '*filter\\n:INPUT ACCEPT [1:2]\\n[3:4] -A INPUT -j DROP\\nCOMMIT\\n'");
  const listed = tsns(["net", "rules"], env);
  t.match(listed, { code: 0, stderr: "" });
  t.match(listed.stdout, /^4 +nft +filter +INPUT +1 +3 +4 /m);
  t.match(listed.stdout, /^6 +nft +filter +INPUT +1 +3 +4 /m);
  t.same(calls(), both);
  const rows: readonly { readonly backend: string }[] = JSON.parse(tsns(["net", "rules", "--json"], env).stdout);
  t.equal(rows.filter(({ backend }) => backend === "nft").length, 4);
  t.same(calls(), both);
  t.match(tsns(["net", "rules", "--json", "--family", "6"], env), { code: 0 });
  t.same(calls(), both.slice(0, 1), "an option may change what is asked: nothing is started ahead");
});

t.test("what a program says of its error is said", async (t) => {
  const { env, calls } = fakePrograms(t, "echo 'Permission denied (you must be root)' >&2; exit 4");
  const { code, stderr } = tsns(["net", "rules"], env);
  t.equal(code, 1);
  t.match(stderr, /^tsns: [^\n]+\n$/);
  t.ok(calls().length > 2, "asked again");
});

t.test("a program that is not in the path", async (t) => {
  const { env, folder } = fakePrograms(t, "exit 0");
  for (const name of ["iptables-nft-save", "ip6tables-nft-save"]) rmSync(`${folder}/${name}`);
  const bare = tsns(["net", "rules"], { ...env, PATH: folder });
  t.match(bare, { code: 1, stdout: "", stderr: "tsns: iptables is not installed (apt-get install iptables)\n" }, "taken as it is");
  const become = tsns(["net", "rules"], { ...env, PATH: `${folder}:/usr/local/bin` });
  t.match(become, { code: 0, stdout: /^IP / }, "one of the usual directories: sbin is looked in as well");
});

t.test("without PATH it is the usual one", async (t) => {
  const { status, stdout } = spawnSync(command, ["net", "rules"], { env: { TSNS_ROOT: "/proc/tsns" }, encoding: "utf8" });
  t.match({ status, stdout }, { status: 0, stdout: /^IP / });
});

t.test("a variable of somebody else's is not believed", async (t) => {
  const { code, stdout } = tsns(["net", "show", "--json"], { TSNS_AHEAD: "0 0 tsns-ns ports 253" });
  t.equal(code, 0);
  t.ok(Array.isArray(JSON.parse(stdout)));
});
