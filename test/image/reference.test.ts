// Names of images: the grammar, docker's defaults, and what is refused.
import t from "tap";
import {
  parseIdPrefix,
  parseReference,
  renderReference,
  renderRepository,
  splitReferenceKey,
  tryParseReference,
} from "../../src/image/reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

t.test("defaults and the short form", async (t) => {
  const cases: [string, string, string, string][] = [
    // as written, domain, path, short form
    ["busybox", "docker.io", "library/busybox", "busybox:latest"],
    ["busybox:1.35", "docker.io", "library/busybox", "busybox:1.35"],
    ["user/app", "docker.io", "user/app", "user/app:latest"],
    ["docker.io/busybox", "docker.io", "library/busybox", "busybox:latest"],
    ["docker.io/library/busybox", "docker.io", "library/busybox", "busybox:latest"],
    ["index.docker.io/user/app", "docker.io", "user/app", "user/app:latest"],
    ["library/a/b", "docker.io", "library/a/b", "library/a/b:latest"],
    ["docker.io/reg.like/x", "docker.io", "reg.like/x", "docker.io/reg.like/x:latest"],
    ["docker.io/localhost/x", "docker.io", "localhost/x", "docker.io/localhost/x:latest"],
    ["localhost/x:y", "localhost", "x", "localhost/x:y"],
    ["reg.example:5000/a/b", "reg.example:5000", "a/b", "reg.example:5000/a/b:latest"],
    ["Reg/a", "Reg", "a", "Reg/a:latest"],
    ["[::1]:5000/x", "[::1]:5000", "x", "[::1]:5000/x:latest"],
    ["a__b/c.d-e--f:T_a.g-1", "docker.io", "a__b/c.d-e--f", "a__b/c.d-e--f:T_a.g-1"],
    [`x@${digest}`, "docker.io", "library/x", `x@${digest}`],
    [`x:1@${digest}`, "docker.io", "library/x", `x@${digest}`],
  ];
  for (const [text, domain, path, short] of cases) {
    const reference = parseReference(text);
    t.match(reference, { domain, path }, text);
    t.equal(renderReference(reference), short, text);
    t.same(renderReference(parseReference(short)), short, `${short} stands for itself`);
  }
  t.equal(parseReference(`x@${digest}`).tag, undefined, "a digest alone has no tag");
  t.equal(renderRepository(parseReference("library/x")), "x");
});

t.test("what is no name", async (t) => {
  const bad = [
    "",
    " ",
    "a b",
    "-a",
    "a-",
    "a..b",
    "a___b",
    "a//b",
    "/a",
    "a/",
    "a:",
    ":a",
    "a:.b",
    "a:b:c",
    "a@",
    `a@sha256:${"0".repeat(63)}`,
  ];
  const more = [
    `a@sha256:${"A".repeat(64)}`,
    "a@md5",
    `a:${"t".repeat(129)}`,
    "a.b:x/y",
    "-x.y/z",
    "[::g]/x",
    "0".repeat(64),
    `${"a/".repeat(130)}a`,
    "a\n",
    "ä",
  ];
  for (const text of [...bad, ...more]) {
    t.throws(() => parseReference(text), { kind: "invalid", code: "bad-reference" }, JSON.stringify(text));
    t.equal(tryParseReference(text), undefined);
  }
  t.throws(() => parseReference("Foo"), /must be lowercase/);
  t.throws(() => parseReference("user/Foo:x"), /must be lowercase/);
});

t.test("keys of the store come apart again", async (t) => {
  t.same(splitReferenceKey("h:5000/a:b"), { repository: "h:5000/a", tag: "b", digest: "" });
  t.same(splitReferenceKey(`a@${digest}`), { repository: "a", tag: "", digest });
});

t.test("starts of ids", async (t) => {
  t.equal(parseIdPrefix("4bdc"), "4bdc");
  t.equal(parseIdPrefix("sha256:4bdc"), "4bdc");
  t.equal(parseIdPrefix(digest), digest.slice(7));
  for (const text of ["", "xyz", "4BDC", "sha256:", "sha512:ab", "0".repeat(65)]) t.equal(parseIdPrefix(text), undefined, text);
});
