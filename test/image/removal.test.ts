// What the removal of an image takes along: docker's rules, case by case.
import t from "tap";
import { chainIdsOf, sharedLayers } from "../../src/image/chain.ts";
import { decideRemoval, type ImageUser } from "../../src/image/removal.ts";

const id = `sha256:${"ab".repeat(32)}`;
const at = (name: string) => `${name}@sha256:${"1".repeat(64)}`;
const stopped: ImageUser = { id: "c".repeat(64), name: "quiet", isRunning: false };
const running: ImageUser = { id: "d".repeat(64), name: "busy", isRunning: true };

function decide(names: readonly string[], name?: string, more: { users?: ImageUser[]; children?: string[]; force?: boolean } = {}) {
  return decideRemoval({ id, names, users: [], children: [], force: false, ...(name === undefined ? {} : { name }), ...more });
}

t.test("by name", async (t) => {
  t.same(decide(["a:1", "b:1"], "a:1"), { untagged: ["a:1"], deletes: false }, "one of two names");
  t.same(decide(["a:1"], "a:1"), { untagged: ["a:1"], deletes: true }, "the last name");
  t.same(decide(["a:1", at("a")], "a:1"), { untagged: ["a:1", at("a")], deletes: true }, "the digest goes with the last tag");
  t.same(decide(["a:1", "a:2", at("a")], "a:1"), { untagged: ["a:1"], deletes: false }, "another tag keeps the digest");
  t.same(decide(["a:1", "b:1", at("a")], "a:1"), { untagged: ["a:1", at("a")], deletes: false });
  t.same(decide(["a:1", at("a")], at("a")), { untagged: [at("a")], deletes: false });
  t.same(decide(["a:1", "b:1"], "a:1", { users: [running] }), { untagged: ["a:1"], deletes: false }, "a name more than the last");
  t.throws(() => decide(["a:1"], "a:1", { users: [stopped] }), {
    code: "image-in-use",
    message:
      'conflict: unable to remove repository reference "a:1" (must force) - container quiet (cccccccccccc) is using its referenced image abababababab',
  });
  t.same(decide(["a:1"], "a:1", { users: [stopped], force: true }), { untagged: ["a:1"], deletes: true });
  t.same(decide(["a:1"], "a:1", { users: [running], force: true }), { untagged: ["a:1"], deletes: false }, "it stays without a name");
  t.same(decide(["a:1"], "a:1", { children: ["x"] }), { untagged: ["a:1"], deletes: false }, "as a parent it stays");
});

t.test("by id", async (t) => {
  t.same(decide([]), { untagged: [], deletes: true });
  t.same(decide(["a:1", at("a")]), { untagged: ["a:1", at("a")], deletes: true });
  t.throws(() => decide(["a:1", "a:2"]), {
    code: "image-has-names",
    message: /\(must be forced\) - image is referenced in multiple repositories: a:1, a:2/,
  });
  t.throws(() => decide(["a:1", at("b")]), { code: "image-has-names" });
  t.same(decide(["a:1", "b:2"], undefined, { force: true }), { untagged: ["a:1", "b:2"], deletes: true });
  t.throws(() => decide(["a:1"], undefined, { users: [stopped] }), {
    message: /\(must be forced\) - image is being used by stopped container quiet/,
  });
  t.same(decide(["a:1"], undefined, { users: [stopped], force: true }), { untagged: ["a:1"], deletes: true });
  t.throws(() => decide(["a:1"], undefined, { users: [stopped, running], force: true }), {
    message: "conflict: unable to delete abababababab (cannot be forced) - image is being used by running container busy (dddddddddddd)",
  });
  t.throws(() => decide([], undefined, { children: ["x"], force: true }), { code: "image-has-children", message: /\(cannot be forced\)/ });
});

t.test("chain ids", async (t) => {
  // Of an image with two layers that docker 20.10 built and removed.
  const [low, high] = [
    "sha256:42eaca07edaf5bb431c17aa5ddea7404a4b578faae053dcee416b301cc4bc3d2",
    "sha256:217a8e610fa21c521e7b4f49b0ad55fdd03e7fde6a32b4b54d7b6ba641b17587",
  ];
  t.same(chainIdsOf([low, high]), [low, "sha256:bc650d30f2e6043324e2349af1645e1acbbaf6a497c4ffa993c06fe8c11f85e7"]);
  t.same(chainIdsOf([]), []);
  t.equal(sharedLayers([low, high], [low, low]), 1);
  t.equal(sharedLayers([low], [low, high]), 1);
});
