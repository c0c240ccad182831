// docker ps --filter.
import t from "tap";
import { parseFilters } from "../../../cmds/option/container-filter.ts";
import { makeRecord, makeSpec, makeState } from "../../fixture/request.ts";

const id = "abc123".padEnd(64, "0");
const imageId = `sha256:${"f00d".padEnd(64, "0")}`;
const exit = { exitCode: 0, signal: 0, finishedMs: 1, oomKilled: false, error: "" };
const state = makeState({
  status: "exited",
  record: makeRecord({ id, name: "web_1", exit, spec: makeSpec({ imageName: "debian:12", imageId, labels: { a: "1", b: "", c: "x=y" } }) }),
});
const descendants = (text: string) => new Set(text === "debian" ? [imageId, "sha256:child"] : text === "child" ? ["sha256:child"] : []);
const parse = (filters: readonly string[]) => parseFilters(filters, descendants);
const matches = (...filters: string[]) => parse(filters)(state);

t.test("one condition", async (t) => {
  for (const filter of [
    "id=abc",
    `id=${id}`,
    "name=web",
    "name=eb_",
    "name=^web_1$",
    "name=^/web_1$",
    "name=w.b_[0-9]",
    "status=exited",
    "ancestor=debian",
    "label=a",
    "label=a=1",
    "label=b=",
    "label=c=x=y",
    "exited=0",
  ])
    t.equal(matches(filter), true, filter);
  for (const filter of [
    "id=bc1",
    "name=^eb",
    "name=^web$",
    "name=WEB",
    "status=running",
    "ancestor=child",
    "ancestor=",
    "label=d",
    "label=a=2",
    "label=b=1",
    "label=constructor",
    "exited=1",
  ])
    t.equal(matches(filter), false, filter);
});

t.test("several", async (t) => {
  t.equal(matches(), true);
  t.equal(matches("status=running", "status=exited"), true, "values of one key are alternatives");
  t.equal(matches("status=exited", "name=other"), false, "keys are conditions");
  t.equal(matches("label=a", "label=b"), true);
  t.equal(matches("label=a", "label=d"), false, "labels are conditions too");
});

t.test("exited counts for ended containers only", async (t) => {
  const running = makeState({ status: "running", record: makeRecord({ exit }) });
  t.equal(parse(["exited=0"])(running), false);
});

t.test("no filters", async (t) => {
  for (const filter of ["", "=", "name", "nosuch=1", "=x", "constructor=1", "name=(", "status=gone", "exited=x", "exited="])
    t.throws(() => parse([filter]), { kind: "invalid", code: "bad-filter" }, filter);
});
