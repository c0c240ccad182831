import { readFileSync } from "node:fs";
import t from "tap";
import { openLog, renderLog } from "../../../cmds/oci/log.ts";

const time = new Date(0);

t.test("lines as callers read them", async (t) => {
  t.same(JSON.parse(renderLog("json", "error", 'a "b"\nc', time)), { level: "error", msg: 'a "b"\nc', time: "1970-01-01T00:00:00.000Z" });
  t.equal(renderLog("text", "warning", 'a "b"', time), 'time="1970-01-01T00:00:00.000Z" level=warning msg="a \\"b\\""\n');
  for (const format of ["text", "json"] as const) t.match(renderLog(format, "error", "a\nb\u001b[0m", time), /^[^\n]*\n$/, "one line");
});

t.test("the file", async (t) => {
  const path = `${t.testdir()}/log`;
  openLog(path, "json").add("error", "one");
  openLog(path, undefined).add("error", "two");
  t.match(readFileSync(path, "utf8"), /^\{.*"one".*\}\ntime=.* level=error msg="two"\n$/);
  t.ok(openLog(path, "json").add("error", "three"));
  for (const nowhere of [undefined, "", "/nonexistent/log"])
    t.notOk(openLog(nowhere, "json").add("error", "four"), "what cannot be written is no reason to stop");
});
