// docker's filters of lists and of prunes.
import t from "tap";
import { parsePruneFilters } from "../../src/engine/system/prune-filter.ts";
import { hasLabel, parseImageFilters } from "../../src/image/filter.ts";

const nowMs = Date.UTC(2026, 0, 10);
const hourMs = 3_600_000;
const labels: Readonly<Record<string, Readonly<Record<string, string>>>> = { a: { tier: "web", empty: "" }, b: {} };
const image = (id: string, names: readonly string[], ageHours = 1) => ({ id, names, createdMs: nowMs - ageHours * hourMs });

function filter(filters: readonly string[], pattern?: string) {
  return parseImageFilters(filters, {
    pattern,
    nowMs,
    createdOf: (text) => {
      if (text !== "mark") throw new Error(text);
      return nowMs - 5 * hourMs;
    },
    labelsOf: (id) => labels[id] ?? {},
  });
}

const name = (repository: string, tag = "latest", digest = "") => ({ repository, tag, digest });

t.test("conditions on images", async (t) => {
  t.equal(filter([]).image(image("a", [])), true);
  t.equal(filter(["dangling=true"]).image(image("a", [])), true);
  t.equal(filter(["dangling=1"]).image(image("a", ["x@sha256:1"])), true, "a digest is no tag");
  t.equal(filter(["dangling=true"]).image(image("a", ["x:1"])), false);
  t.equal(filter(["dangling=false"]).namedOnly, true);
  t.equal(filter(["dangling=0"]).image(image("a", ["x:1"])), true);
  t.equal(filter(["label=tier=web"]).image(image("a", [])), true);
  t.equal(filter(["label=tier=web", "label=other"]).image(image("a", [])), false, "all labels");
  t.equal(filter(["before=mark"]).image(image("a", [], 6)), true);
  t.equal(filter(["before=mark"]).image(image("a", [], 4)), false);
  t.equal(filter(["since=mark"]).image(image("a", [], 4)), true);
  t.equal(filter(["until=3h"]).image(image("a", [], 4)), true);
  t.equal(filter(["until=3h"]).image(image("a", [], 2)), false);
});

t.test("conditions on names", async (t) => {
  t.equal(filter([], "app").name(name("app", "1")), true);
  t.equal(filter([], "app:1").name(name("app", "1")), true);
  t.equal(filter([], "app:2").name(name("app", "1")), false);
  t.equal(filter(["reference=reg:5000/*/x:?"]).name(name("reg:5000/team/x", "1")), true);
  t.equal(filter(["reference=*"]).name(name("team/x")), false, "a star stays between slashes");
  t.equal(filter(["reference=a", "reference=b"]).name(name("b")), true, "either");
  t.equal(filter(["reference=x@sha256:*"]).name(name("x", "", "sha256:12")), true);
  t.equal(filter(["reference=a"]).namedOnly, true);
  t.equal(filter(["reference=a.b"]).name(name("axb")), false, "a dot is a dot");
});

t.test("wrong ones", async (t) => {
  for (const text of ["x", "=", "bogus=1", "dangling=maybe", "reference=a["]) t.throws(() => filter([text]), { code: "bad-filter" }, text);
  t.throws(() => filter(["until=bad"]), { code: "bad-time" });
});

t.test("labels", async (t) => {
  t.equal(hasLabel({ a: "b=c" }, "a=b=c"), true);
  t.equal(hasLabel({ a: "" }, "a"), true);
  t.equal(hasLabel({ a: "" }, "a="), true);
  t.equal(hasLabel({}, "toString"), false);
});

t.test("of prunes", async (t) => {
  const object = { createdMs: nowMs - 2 * hourMs, labels: { tier: "web" } };
  const test = (...filters: string[]) => parsePruneFilters(filters, nowMs)(object);
  t.equal(test(), true);
  t.equal(test("until=1h"), true);
  t.equal(test("until=3h"), false);
  t.equal(test("label=tier"), true);
  t.equal(test("label=tier=db"), false);
  t.equal(test("label!=tier"), false);
  t.equal(test("label!=tier", "label!=other"), true, "only what has all of them is spared");
  t.throws(() => test("until=1h", "until=2h"), { code: "bad-filter", hint: /more than one until/ });
  t.throws(() => test("dangling=true"), { code: "bad-filter" });
});
