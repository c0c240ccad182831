// The names that others on a network find a container by.
import t from "tap";
import { placeNames } from "../../src/container/place-name.ts";
import { makeRecord, makeSpec } from "../fixture/request.ts";

t.test("name, aliases, short id and host name, none twice; nothing on the default network", async (t) => {
  const record = makeRecord({ name: "web", spec: makeSpec({ hostname: "www", uts: { mode: "private" } }) });
  const short = record.id.slice(0, 12);
  t.same(placeNames(record, { network: "net", aliases: ["w", "web"] }), ["web", "w", short, "www"]);
  t.same(placeNames({ ...record, spec: { ...record.spec, hostname: short } }, { network: "net" }), ["web", short]);
  t.same(placeNames({ ...record, spec: { ...record.spec, uts: { mode: "host" } } }, { network: "net" }), ["web", short]);
  t.same(placeNames(record, { network: "bridge" }), []);
  const service = (value: string) => ({ ...record, spec: { ...record.spec, labels: { "com.docker.compose.service": value } } });
  t.same(placeNames(service("db"), { network: "net", aliases: ["db", "w"] }), ["web", "db", "w", short, "www"]);
  t.same(placeNames(service("db"), { network: "net" }), ["web", "db", short, "www"], "containers of one service share its name");
  t.same(placeNames(service("two words"), { network: "net" }), ["web", short, "www"]);
});
