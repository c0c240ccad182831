// Tags and attributes of a log.
import t from "tap";
import { jsonAttributes } from "../../../src/container/log/compile.ts";
import { fieldName } from "../../../src/container/log/driver/journald.ts";
import { attributesOf, type LogFacts, tagOf } from "../../../src/container/log/fact.ts";
import { zoneChanges } from "../../../src/container/log/zone.ts";

const facts = (options: Record<string, string>): LogFacts => ({
  log: { maxBytes: 0, maxFiles: 1, options },
  id: "0123456789abcdef".repeat(4),
  name: "web",
  imageId: `sha256:${"ab".repeat(32)}`,
  imageName: "busybox:1",
  command: ["sh", "-c", "x"],
  createdMs: 0,
  labels: { one: "1", "a.b": 'q"<' },
  env: ["PATH=/bin", "TIER=front=1"],
  hostname: "h",
});

t.test("tags", async (t) => {
  t.equal(tagOf(facts({})), "0123456789ab");
  t.equal(tagOf(facts({ tag: "" })), "0123456789ab");
  const tag = "{{.DaemonName}}/{{.Name}}/{{.ImageName}}/{{.ImageID}}/{{.FullID}}";
  t.equal(tagOf(facts({ tag })), `tsns/web/busybox:1/abababababab/${"0123456789abcdef".repeat(4)}`);
  t.throws(() => tagOf(facts({ tag: "{{.Name" })), { code: "bad-template" });
});

t.test("attributes", async (t) => {
  t.same(attributesOf(facts({})), []);
  t.same(attributesOf(facts({ labels: "one,none", env: "TIER" })), [
    ["TIER", "front=1"],
    ["one", "1"],
  ]);
  t.same(attributesOf(facts({ "labels-regex": "^a", "env-regex": "^P" })), [
    ["PATH", "/bin"],
    ["a.b", 'q"<'],
  ]);
  t.equal(jsonAttributes(facts({})), "");
  t.equal(jsonAttributes(facts({ labels: "a.b", tag: "x" })), '"attrs":{"a.b":"q\\"<","tag":"x"},');
  t.equal(fieldName("_com.example-x"), "COM_EXAMPLE_X");
});

t.test("changes of the time zone", async (t) => {
  const before = process.env.TZ;
  t.teardown(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  process.env.TZ = "Europe/Berlin";
  const [now, next, later] = zoneChanges(Date.parse("2026-01-01T00:00:00Z"));
  t.same(now, { from: Date.parse("2026-01-01T00:00:00Z") / 1000, offset: 3600 });
  t.same(next, { from: Date.parse("2026-03-29T01:00:00Z") / 1000, offset: 7200 });
  t.same(later, { from: Date.parse("2026-10-25T01:00:00Z") / 1000, offset: 3600 });
  process.env.TZ = "UTC";
  t.same(zoneChanges(0), [{ from: 0, offset: 0 }]);
});
