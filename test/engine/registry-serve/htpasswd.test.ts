// Hashes made by the C library's crypt(3), for passwords of several kinds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { matchesBcrypt, parseBcrypt } from "../../../src/engine/registry-serve/bcrypt.ts";
import { openGate, parseHtpasswd } from "../../../src/engine/registry-serve/htpasswd.ts";

const hashes: readonly (readonly [string, string])[] = [
  ["secret", "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"],
  ["", "$2b$04$......................w74bL5gU7LSJClZClCa.Pkz14aTv/XO"],
  ["pässwörd", "$2a$06$N9qo8uLOickgx2ZMRZoMyegEfyDB0UGGyhbPleskw1wG7GT2krZFu"],
  ["l".repeat(72), "$2y$04$zzzzzzzzzzzzzzzzzzzzzuZwS1r.CfZLOPndZXWc56cth8bVkLneG"],
];

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

t.test("bcrypt as crypt(3) has it", async (t) => {
  for (const [password, text] of hashes) {
    const hash = parseBcrypt(text);
    t.ok(hash, text);
    if (!hash) continue;
    t.equal(await matchesBcrypt(password, hash), true, password.slice(0, 20));
    t.equal(await matchesBcrypt(`x${password}`, hash), false, `not x${password.slice(0, 20)}`);
  }
});

t.test("what is no bcrypt hash", async (t) => {
  const right = hashes[0]?.[1] ?? "";
  for (const wrong of ["", "secret", "$apr1$abc$def", right.slice(0, -1), right.replace("$05$", "$03$"), right.replace("$05$", "$31$")]) {
    t.equal(parseBcrypt(wrong), undefined, wrong);
    t.throws(() => parseHtpasswd(`# people\n\nann:${wrong}\n`, "users"), { code: "bad-htpasswd", message: /users, line 3/ });
  }
  t.throws(() => parseHtpasswd(`:${right}\n`, "users"), { code: "bad-htpasswd" });
});

t.test("who is let in", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tsns-htpasswd-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "users");
  t.throws(() => openGate(path, () => {}), { code: "kernel-enoent" });
  const [ann, bob] = hashes;
  writeFileSync(path, `ann:${ann?.[1]}\n`);
  const warnings: string[] = [];
  const gate = openGate(path, (text) => warnings.push(text));
  t.equal(await gate.admit(basic("ann", ann?.[0] ?? "")), "ann");
  t.equal(await gate.admit(basic("ann", ann?.[0] ?? "")), "ann", "known by now");
  t.equal(await gate.admit(basic("ann", "wrong")), undefined);
  t.equal(await gate.admit(basic("bob", ann?.[0] ?? "")), undefined, "the right password of somebody else");
  for (const header of [undefined, "", "Bearer abc", "Basic", "Basic %%%", `Basic ${Buffer.from("ann").toString("base64")}`]) {
    t.equal(await gate.admit(header), undefined, header ?? "no header");
  }

  writeFileSync(path, `bob:${bob?.[1]}\n# ann has left\n`);
  t.equal(await gate.admit(basic("bob", bob?.[0] ?? "")), "bob");
  t.equal(await gate.admit(basic("ann", ann?.[0] ?? "")), undefined, "who was taken away is out at once");
  writeFileSync(path, "nonsense\n");
  t.equal(await gate.admit(basic("bob", bob?.[0] ?? "")), "bob", "a broken file changes nothing");
  t.match(warnings, [/line 1/]);
});
