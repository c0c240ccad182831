import t from "tap";
import { renderAccess } from "../../../src/api/registry/access.ts";

const access = {
  atMs: 0,
  remote: "127.0.0.1",
  user: undefined,
  method: "GET",
  target: "/v2/",
  status: 200,
  sentBytes: 10,
  tookMs: 1.4,
  agent: undefined,
  reason: undefined,
};

t.test("one line", async (t) => {
  t.equal(renderAccess(access), '1970-01-01T00:00:00.000Z 127.0.0.1 - "GET /v2/" 200 10 1ms "-"\n');
});

t.test("a client cannot begin a line of its own", async (t) => {
  const line = renderAccess({ ...access, user: "a\nb", agent: "x\r\ny\x1b[31m", reason: "no\nway", status: 404 });
  t.equal(line.trimEnd().split(/[\r\n]/).length, 1);
  t.notMatch(line, /\x1b/);
  t.match(line, /404 .*no/);
});
