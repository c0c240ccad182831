// All of a line, as it is seen.
import t from "tap";
import { chunkText, detailDialog, prettyJson } from "../../../../tui/tab/log/detail.ts";
import { openDialog, runningRow } from "../../../fixture/dashboard.ts";
import { makeLine } from "../../../fixture/log-line.ts";

t.test("JSON with its structure, time, stream, attributes", async (t) => {
  const web = runningRow("web");
  const held = makeLine('{"level":"warn","a":[1]}', 0, { stream: 1 });
  const line = { text: held.text, isCut: false, time: "2026-01-02T11:00:00.000000001Z", attributes: '{"tag":"x"}' };
  const dialog = openDialog(detailDialog(web, held), { fed: { logLine: { id: web.id, at: held.at, line } } });
  const lines = dialog.lines();
  t.same(lines[0], "container   web");
  t.match(lines[1], /^time {8}2026-01-02T11:00:00\.000000001Z {2}\(01-0\d \d\d:00:00\.000 here\)$/);
  t.same(lines.slice(2, 12), [
    "stream      stderr",
    "level       warn",
    "bytes       24",
    'attributes  {"tag":"x"}',
    "",
    "{",
    '  "level": "warn",',
    '  "a": [',
    "    1",
    "  ]",
  ]);
  t.match(dialog.press("escape"), [{ kind: "close" }]);
});

t.test("pieces", async (t) => {
  t.same(chunkText("abcdefg", 3), ["abc", "def", "g"]);
  t.same(chunkText("日本語", 4), ["日本", "語"]);
  t.same(chunkText("", 4), [""]);
  t.equal(prettyJson("no {json"), undefined);
  t.same(prettyJson('web: {"a":1}'), ["web:", "{", '  "a": 1', "}"]);
});
