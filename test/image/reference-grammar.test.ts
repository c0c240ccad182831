// The distribution reference grammar, case by case as its specification publishes them (what its own parser takes, refuses, and makes of
// names without a host), against ours. docker's defaults apply: a name without tag and digest gets the tag latest.
import t from "tap";
import { parseReference, renderReference, tryParseReference } from "../../src/image/reference.ts";

const hex = "f".repeat(64);
const sha256 = `sha256:${hex}`;
const long = (length: number, unit = "a") => unit.repeat(length);

t.test("full references: host, path, tag, digest", async (t) => {
  const cases: readonly (readonly [text: string, domain: string, path: string, tag?: string | undefined, digest?: string])[] = [
    ["test_com", "docker.io", "library/test_com", "latest"],
    ["test.com:tag", "docker.io", "library/test.com", "tag"],
    ["test.com:5000", "docker.io", "library/test.com", "5000"],
    ["test.com/repo:tag", "test.com", "repo", "tag"],
    ["test:5000/repo", "test:5000", "repo", "latest"],
    ["test:5000/repo:tag", "test:5000", "repo", "tag"],
    [`test:5000/repo@${sha256}`, "test:5000", "repo", undefined, sha256],
    [`test:5000/repo:tag@${sha256}`, "test:5000", "repo", "tag", sha256],
    ["lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase"],
    ["sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com", "bar/baz/quux", "latest"],
    ["sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com", "bar/baz/quux", "some-long-tag"],
    ["b.gcr.io/test.example.com/my-app:test.example.com", "b.gcr.io", "test.example.com/my-app", "test.example.com"],
    ["xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com", "myimage", "xn--n3h.com"],
    [`xn--7o8h.com/myimage:xn--7o8h.com@${sha256}`, "xn--7o8h.com", "myimage", "xn--7o8h.com", sha256],
    ["foo_bar.com:8080", "docker.io", "library/foo_bar.com", "8080"],
    ["foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080"],
    ["192.168.1.1", "docker.io", "library/192.168.1.1", "latest"],
    ["192.168.1.1:tag", "docker.io", "library/192.168.1.1", "tag"],
    ["192.168.1.1:5000", "docker.io", "library/192.168.1.1", "5000"],
    ["192.168.1.1/repo", "192.168.1.1", "repo", "latest"],
    ["192.168.1.1:5000/repo:5050", "192.168.1.1:5000", "repo", "5050"],
    ["[2001:db8::1]/repo", "[2001:db8::1]", "repo", "latest"],
    ["[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]", "repo", "tag"],
    ["[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000", "repo", "tag"],
    [`[2001:db8::1]:5000/repo@${sha256}`, "[2001:db8::1]:5000", "repo", undefined, sha256],
    ["[2001:db8::]:5000/repo", "[2001:db8::]:5000", "repo", "latest"],
    ["[::1]:5000/repo", "[::1]:5000", "repo", "latest"],
    ["Uppercase.com/lowercase:tag", "Uppercase.com", "lowercase", "tag"],
    ["Foo/lowercase:tag", "Foo", "lowercase", "tag"],
  ];
  for (const [text, domain, path, tag, digest] of cases) {
    t.same(
      parseReference(text),
      { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) },
      text,
    );
  }
});

t.test("refused", async (t) => {
  const cases = [
    "",
    ":justtag",
    `@${sha256}`,
    "repo@sha256:ffffffffffffffffffffffffffffffffff",
    `validname@invalid digest:${hex}`,
    "Uppercase:tag",
    "test:5000/Uppercase/lowercase:tag",
    `${long(128, "a/")}a:tag`,
    "aa/asdf$$^/aa",
    "[2001:db8::1]",
    "[2001:db8::1]:5000",
    "[2001:db8::1]:tag",
    "[2001:db8:1:2:3:4:5:6",
    "[fe80::1%eth0]:5000/repo",
    "[fe80::1%@invalidzone]:5000/repo",
    "-test.com/repo",
    "test-.com/repo",
    "-foo/bar",
    "foo/bar-",
    "foo-/bar",
    "foo__-bar",
    "foo.-bar",
    "_foo/bar",
    "foo/_bar",
    "foo_/bar",
    "f..o",
    "foo___bar",
    "foo//bar",
    "/foo",
    "foo/",
    "https://github.com/docker/docker",
    "docker/Docker",
    "-docker",
    "docker-",
    "do__cker/-rules",
    "docker///docker",
    "docker.io/docker/Docker",
    "docker.io/docker///docker",
    hex,
    "repo:tag with space",
    "repo:-tag",
    "repo:.tag",
    `repo:${long(129)}`,
    "repo@",
    "repo@sha256",
    "repo@sha256:",
    "test:5000/repo@sha256:F".padEnd(86, "F"),
    "repo\u0000",
    "repo\n",
    "ｒepo",
  ];
  for (const text of cases) t.equal(tryParseReference(text), undefined, JSON.stringify(text));
});

t.test("taken as they are: separators, limits, digits", async (t) => {
  const cases: readonly (readonly [text: string, short: string])[] = [
    ["docker/docker", "docker/docker:latest"],
    ["library/debian", "debian:latest"],
    ["docker.io/docker/docker", "docker/docker:latest"],
    ["docker.io/library/debian", "debian:latest"],
    ["docker.io/debian", "debian:latest"],
    ["index.docker.io/docker/docker", "docker/docker:latest"],
    ["index.docker.io/library/debian", "debian:latest"],
    ["index.docker.io/debian", "debian:latest"],
    ["127.0.0.1:5000/docker/docker", "127.0.0.1:5000/docker/docker:latest"],
    ["127.0.0.1:5000/library/debian", "127.0.0.1:5000/library/debian:latest"],
    ["127.0.0.1:5000/debian", "127.0.0.1:5000/debian:latest"],
    [
      "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
      "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev:latest",
    ],
    [
      "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
      "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a:latest",
    ],
    ["do__cker/rules", "do__cker/rules:latest"],
    ["foo--bar/b.a_z__q", "foo--bar/b.a_z__q:latest"],
    ["1/2/3", "1/2/3:latest"],
    [`repo:${long(128)}`, `repo:${long(128)}`],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:80/x", "localhost:80/x:latest"],
    [`${long(255 - "docker.io/library/".length)}`, `${long(255 - "docker.io/library/".length)}:latest`],
  ];
  for (const [text, short] of cases) t.equal(renderReference(parseReference(text)), short, text);
});
