// Platforms: how they are written, what runs on what, and which entry of an index is taken.
import t from "tap";
import { choosePlatform, fits, hostPlatform, type Platform, parsePlatform, renderPlatform, runnableOn } from "../../src/image/platform.ts";

const host: Platform = { os: "linux", architecture: "amd64", variant: "" };
const parse = (text: string) => renderPlatform(parsePlatform(text, host));

t.test("what people write", async (t) => {
  const written: Readonly<Record<string, string>> = {
    "linux/amd64": "linux/amd64",
    "linux/amd64/v1": "linux/amd64",
    "linux/amd64/v3": "linux/amd64/v3",
    "Linux/X86_64": "linux/amd64",
    "linux/i386": "linux/386",
    "linux/arm64/v8": "linux/arm64",
    "linux/arm64/8": "linux/arm64",
    aarch64: "linux/arm64",
    "linux/arm": "linux/arm/v7",
    "linux/arm/6": "linux/arm/v6",
    armhf: "linux/arm/v7",
    armel: "linux/arm/v6",
    s390x: "linux/s390x",
    linux: "linux/amd64",
    "macos/arm64": "darwin/arm64",
    "windows/amd64": "windows/amd64",
  };
  for (const [text, expected] of Object.entries(written)) t.equal(parse(text), expected, text);
  for (const text of ["", "/", "linux/", "linux/amd64/v1/x", "pdp11", "linux/a b", "linux//v7"]) {
    t.throws(() => parse(text), { kind: "invalid", code: "bad-platform" }, JSON.stringify(text));
  }
  t.equal(hostPlatform().os, "linux");
});

t.test("a machine runs older variants, and the 32-bit form", async (t) => {
  const run = (text: string) => runnableOn(parsePlatform(text, host)).map(renderPlatform);
  t.same(run("linux/amd64"), ["linux/amd64", "linux/386"]);
  t.same(run("linux/amd64/v3"), ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386"]);
  t.same(run("linux/arm/v6"), ["linux/arm/v6", "linux/arm/v5"]);
  t.same(run("linux/arm64"), ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]);
  t.same(run("linux/s390x"), ["linux/s390x"]);
  t.ok(fits({ os: "linux", architecture: "386", variant: "" }, host));
  t.notOk(fits({ os: "linux", architecture: "arm64", variant: "v8" }, host));
  t.notOk(fits({ os: "windows", architecture: "amd64", variant: "" }, host));
});

t.test("the entry of an index", async (t) => {
  const entries = ["linux/386", "unknown/unknown", "linux/arm/v6", "linux/arm/v7", "linux/amd64", "linux/arm64/v8", "linux/amd64"].map(
    (text, at) => {
      const [os = "", architecture = "", variant = ""] = text.split("/");
      return { at, platform: { os, architecture, variant } };
    },
  );
  const choose = (text: string) => choosePlatform(entries, parsePlatform(text, host))?.at;
  t.equal(choose("linux/amd64"), 4, "the first of equals, the better one before the 32-bit form");
  t.equal(choose("linux/amd64/v2"), 4);
  t.equal(choose("linux/arm64"), 5);
  t.equal(choose("linux/arm"), 3);
  t.equal(choose("linux/arm/v5"), undefined);
  t.equal(choose("linux/s390x"), undefined);
  t.equal(
    choosePlatform([{ at: 0 }, ...entries], parsePlatform("linux/s390x", host))?.at,
    0,
    "one that names no platform is the last resort",
  );
  t.equal(choosePlatform([], host), undefined);
});
