// apt's sources: both styles in, the right ones for a release out.
import t from "tap";
import { checkAptName, parseDeb822, parseSourcesList, renderSource, sourcesOfSuite } from "../../src/image/apt-source.ts";

t.test("one-line style", async (t) => {
  const text = `# a comment
deb http://mirror.example/debian bookworm main contrib # trailing
deb-src http://mirror.example/debian bookworm main
  deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/security bookworm-security main
#deb http://off.example x main
deb http://flat.example/ ./
`;
  t.same(parseSourcesList(text), [
    { uri: "http://mirror.example/debian", suite: "bookworm", components: ["main", "contrib"] },
    { uri: "http://mirror.example/security", suite: "bookworm-security", components: ["main"], signedBy: "/k.gpg" },
    { uri: "http://flat.example/", suite: "./", components: [] },
  ]);
  t.same(parseSourcesList(""), []);
});

t.test("deb822 style", async (t) => {
  const text = `# first
Types: deb deb-src
# inside
URIs: http://a.example http://b.example
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /k.gpg

Types: deb
URIs: http://off.example
Suites: bookworm
Enabled: no

Types: deb-src
URIs: http://source.example
Suites: bookworm

types: deb
uris: http://c.example
suites: trixie
components: main
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 abc
`;
  const parsed = parseDeb822(text);
  t.same(
    parsed.map(({ uri, suite }) => `${uri} ${suite}`),
    [
      "http://a.example bookworm",
      "http://a.example bookworm-updates",
      "http://b.example bookworm",
      "http://b.example bookworm-updates",
      "http://c.example trixie",
    ],
  );
  t.same(parsed[0], { uri: "http://a.example", suite: "bookworm", components: ["main", "contrib"], signedBy: "/k.gpg" });
  t.notOk("signedBy" in (parsed[4] ?? {}), "a key in the stanza has no path");
});

t.test("the sources of a release", async (t) => {
  const source = (suite: string) => ({ uri: "u", suite, components: ["main"], signedBy: "/k" });
  const host = ["bookworm", "bookworm-updates", "bookworm-security", "bookworm-backports", "cloud-bookworm", "nodistro"].map(source);
  const suites = (suite: string, from = host) => sourcesOfSuite(from, suite, "bookworm").map((one) => one.suite);
  t.same(suites("bookworm"), ["bookworm", "bookworm-updates", "bookworm-security"]);
  t.same(suites("trixie"), ["trixie", "trixie-updates", "trixie-security"], "the host's mirrors with the other name");
  t.same(suites("trixie", [...host, source("trixie")]), ["trixie"]);
  t.same(suites("trixie", []), []);
  t.equal(renderSource(source("x")), "deb [signed-by=/k] u x main");
});

t.test("names that could be options are refused", async (t) => {
  for (const good of ["bookworm", "libc6", "g++", "gcc:amd64", "stable/updates", "linux-image-6.1"]) t.equal(checkAptName(good, "x"), good);
  for (const bad of ["", "-o", "--hook", "a b", "a;b", "a,b", "$(x)"])
    t.throws(() => checkAptName(bad, "name"), { code: "bad-apt-name" }, bad);
});
