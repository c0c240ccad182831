// Whom a word means among containers of several engines.
import t from "tap";
import { findOwned, type Owner, type OwnerEngine } from "../../src/namespace/owner.ts";

const owned = (engine: OwnerEngine, name: string, id = ""): { readonly owner: Owner } => ({ owner: { engine, name, id, pid: 1 } });
const web = owned("docker", "web", "abcd1111");
const base = owned("docker", "base", "abcd2222");
const pod = owned("podman", "web", "beef3333");
const all = [web, base, pod];

t.test("by name, with or without its engine, or by id", async (t) => {
  t.equal(findOwned(all, "base"), base);
  t.equal(findOwned(all, "podman:web"), pod);
  t.equal(findOwned(all, "beef"), pod);
  t.equal(findOwned(all, "bee"), undefined, "three digits are too few");
  t.equal(findOwned(all, "lxc:web"), undefined);
});

t.test("a name goes before an id", async (t) => {
  const named = owned("lxc", "beef");
  t.equal(findOwned([...all, named], "beef"), named);
});

t.test("our own goes before others, others are ambiguous", async (t) => {
  const own = owned("tsns", "web", "abcd4444");
  t.equal(findOwned([...all, own], "web"), own);
  t.equal(findOwned([...all, own], "abcd"), own);
  t.throws(() => findOwned(all, "web"), { code: "ambiguous-name", message: "web may be docker:web, podman:web" });
  t.throws(() => findOwned(all, "abcd"), { code: "ambiguous-name" });
});
