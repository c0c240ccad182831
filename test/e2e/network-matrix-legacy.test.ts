// The matrix where the host's iptables is the legacy one: the same cells come out, and no rule gets into nftables.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import t from "tap";
import { chooseLegacy } from "../fixture/iptables-alternative.ts";
import { needRoot } from "../fixture/root.ts";
import { askBesideRules, openOwn } from "../matrix/own.ts";
import { openOutside } from "../matrix/world.ts";

const saved = (backend: "nft" | "legacy", family: "" | "6"): string =>
  execFileSync(`ip${family}tables-${backend}-save`, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

t.test("iptables-legacy", needRoot, async (t) => {
  chooseLegacy(t);
  const { root, world } = await openOwn(t, await openOutside(t));
  for (const family of ["", "6"] as const) {
    t.match(saved("legacy", family), /-A TSNS-PORTS /);
    t.notMatch(saved("nft", family), /TSNS/);
  }
  await askBesideRules(t, world);
  t.same(await root.tsns(["net", "drift"]), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) }, "and is as it was made");
  await root.ok(["system", "reset", "--force"]);
  for (const family of ["", "6"] as const) t.notMatch(saved("legacy", family) + saved("nft", family), /TSNS|tsns/, "nothing is left");
});
