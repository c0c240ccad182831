// The store's file: who may read it, and what becomes of one that an older tsns wrote.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import t from "tap";
import { getContainer } from "../../src/store/container-record.ts";
import { openDatabase } from "../../src/store/database.ts";
import { deleteHostRule, listHostRules, nextHostRuleNumber, putHostRule } from "../../src/store/host-rule-record.ts";
import { listJournalOwners } from "../../src/store/journal.ts";
import { getNetwork } from "../../src/store/network-record.ts";

t.test("only its owner reads it, in a directory that is open to all", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-store-"));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  chmodSync(root, 0o755);
  using store = openDatabase(root);
  store.transaction(() => store.run("INSERT INTO journal (owner, undo) VALUES ('a', '[]')"));
  t.same(
    readdirSync(root).map((name) => [name, statSync(join(root, name)).mode & 0o777]),
    ["store.db", "store.db-shm", "store.db-wal"].map((name) => [name, 0o600]),
  );
});

t.test("the log stays short though each process ends without closing the store", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-store-"));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const module = new URL("../../src/store/database.ts", import.meta.url);
  // A row of some fifty pages in a transaction of its own.
  const script = `
    const { openDatabase } = await import("${module}");
    const store = openDatabase("${root}");
    store.transaction(() => store.run("INSERT INTO journal (owner, undo) VALUES (?, ?)", process.argv[1], "x".repeat(200_000)));
    process.kill(process.pid, "SIGKILL");`;
  for (const owner of ["a", "b", "c", "d", "e"]) {
    const { signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script, owner], { encoding: "utf8" });
    t.equal(signal, "SIGKILL", stderr);
    t.ok(statSync(join(root, "store.db-wal")).size < 150 * 4120);
  }
  using store = openDatabase(root);
  t.same(listJournalOwners(store), ["a", "b", "c", "d", "e"]);
});

/** Version 1, as the first tsns made it, with a row in each table. */
const versionOne = `
CREATE TABLE container (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE TABLE journal (owner TEXT PRIMARY KEY, undo TEXT NOT NULL) STRICT;
CREATE TABLE operation (owner TEXT PRIMARY KEY, name TEXT NOT NULL, pid INTEGER NOT NULL, start_time INTEGER NOT NULL) STRICT;
CREATE TABLE network (name TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, spec TEXT NOT NULL) STRICT;
CREATE TABLE address_lease (network TEXT NOT NULL, address TEXT NOT NULL, container TEXT NOT NULL, PRIMARY KEY (network, address)) STRICT;
CREATE TABLE port_lease (
  protocol TEXT NOT NULL, host_ip TEXT NOT NULL, host_port INTEGER NOT NULL, container TEXT NOT NULL,
  PRIMARY KEY (protocol, host_port, host_ip)
) STRICT;
CREATE TABLE image (id TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE tag (name TEXT PRIMARY KEY, image TEXT NOT NULL) STRICT;
CREATE INDEX tag_image ON tag (image);
CREATE TABLE layer (diff_id TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;
INSERT INTO container VALUES ('c', 'web', 1,
  '{"network":{"mode":"bridge","network":"mine"},"address":"10.1.0.9","env":["A=1"]}',
  '{"run":{"startedMs":5,"cgroups":{},"endpoint":{"network":"mine","address":"10.1.0.9","prefixLength":16,"gateway":"10.1.0.1","mac":"02:01:02:03:04:05","hostLink":"veth0","ports":[{"hostPort":80}]}}}');
INSERT INTO container VALUES ('d', 'alone', 1, '{"network":{"mode":"none"},"mac":null}', '{}');
INSERT INTO network VALUES ('mine', 'n', 1, '{"spec":{"name":"mine","bridge":"br","subnet":"10.1.0.0/16","gateway":"10.1.0.1"},"appliedBoot":"x"}');
INSERT INTO journal VALUES ('c', '[]');
INSERT INTO port_lease VALUES ('tcp', '0.0.0.0', 8080, 'c');
PRAGMA user_version = 1;
`;

const tablesOf = (store: DatabaseSync) =>
  store
    .prepare("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map((row) => [row.name, String(row.sql).replace(/\s+/g, " ")]);

t.test("a store of version 1 is brought to this version, with all that is in it", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-store-"));
  const fresh = mkdtempSync(join(tmpdir(), "tsns-store-"));
  t.teardown(() => {
    for (const path of [root, fresh]) rmSync(path, { recursive: true, force: true });
  });
  const old = new DatabaseSync(join(root, "store.db"));
  old.exec(versionOne);
  old.close();
  {
    using store = openDatabase(root);
    t.same(listHostRules(store), []);
    t.equal(nextHostRuleNumber(store), 1);
    const rule = { kind: "nat", spec: { family: "ipv4", subnet: "10.1.0.0/24" } } as const;
    store.transaction(() => putHostRule(store, { number: 4, createdMs: 7, applied: false, rule, previousLocalnet: "0" }));
    t.match(getContainer(store, "c"), {
      name: "web",
      spec: { env: ["A=1"], attachments: [{ network: "mine", ipv4: "10.1.0.9", mac: undefined }] },
      run: {
        startedMs: 5,
        endpoints: [
          {
            network: "mine",
            link: "eth0",
            ipv4: { address: "10.1.0.9", prefixLength: 16, gateway: "10.1.0.1" },
            hostLink: "veth0",
            ports: [{ hostPort: 80 }],
          },
        ],
      },
    });
    t.same(getContainer(store, "d")?.spec, { network: { mode: "none" }, attachments: [] });
    t.same(getNetwork(store, "mine")?.spec, { name: "mine", bridge: "br", pools: [{ subnet: "10.1.0.0/16", gateway: "10.1.0.1" }] });
    t.equal(store.get("SELECT host_port FROM port_lease")?.host_port, 8080);
  }
  {
    using again = openDatabase(root);
    const rule = { kind: "nat", spec: { family: "ipv4", subnet: "10.1.0.0/24" } } as const;
    t.same(listHostRules(again), [{ number: 4, createdMs: 7, applied: false, rule, previousLocalnet: "0" }]);
    t.equal(nextHostRuleNumber(again), 5);
    again.transaction(() => deleteHostRule(again, 4));
    t.same(listHostRules(again), []);
  }
  openDatabase(fresh).close();
  const open = (path: string) => new DatabaseSync(join(path, "store.db"), { readOnly: true });
  const [migrated, made] = [open(root), open(fresh)];
  t.same(tablesOf(migrated), tablesOf(made), "the same tables as a new store");
  t.same(migrated.prepare("PRAGMA user_version").get(), made.prepare("PRAGMA user_version").get());
  migrated.close();
  made.close();
});
