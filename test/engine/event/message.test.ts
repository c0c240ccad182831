// Events as docker words them: lines of the file, filters, what is printed.
import t from "tap";
import {
  type EventMessage,
  parseEvent,
  parseEventFilters,
  renderEvent,
  renderEventJson,
  viewEvent,
} from "../../../src/engine/event/message.ts";

const line =
  '{"Type":"container","Action":"start","Actor":{"ID":"abc","Attributes":{"image":"debian:12","name":"web","tier":"front"}},"scope":"local","time":1700000000,"timeNano":1700000000123456789}';
const utc = () => 0;

function parsed(text = line): EventMessage {
  const event = parseEvent(text);
  if (!event) throw new Error(`no event: ${text}`);
  return event;
}

t.test("a line and back, with every digit of its time", async (t) => {
  const event = parsed();
  t.match(event, { type: "container", action: "start", id: "abc", scope: "local", timeNano: 1700000000123456789n });
  const json = renderEventJson(event);
  t.match(json, /"timeNano":1700000000123456789\}$/);
  t.match(JSON.parse(json), { ...JSON.parse(line), timeNano: Number, status: "start", id: "abc", from: "debian:12" });
  for (const wrong of ["", "{", "[]", '{"Type":"container"}', line.slice(0, -3), line.replace('"start"', "5")])
    t.equal(parseEvent(wrong), undefined, wrong);
});

t.test("docker's line", async (t) => {
  t.equal(renderEvent(parsed(), utc), "2023-11-14T22:13:20.123456789Z container start abc (image=debian:12, name=web, tier=front)");
  t.match(
    renderEvent(parsed(), () => 90),
    /^2023-11-14T23:43:20\.123456789\+01:30 /,
  );
  t.match(
    renderEvent(parsed(), () => -330),
    /^2023-11-14T16:43:20\.123456789-05:30 /,
  );
  t.equal(renderEvent({ ...parsed(), attributes: {} }, utc), "2023-11-14T22:13:20.123456789Z container start abc");
});

t.test("what older clients read is there for containers and images", async (t) => {
  t.match(viewEvent(parsed()), { status: "start", id: "abc", from: "debian:12" });
  t.notOk("status" in viewEvent({ ...parsed(), type: "network" }));
});

t.test("filters", async (t) => {
  const event = parsed();
  const is = (...filters: string[]) => parseEventFilters(filters)(event);
  for (const filter of [
    ...["container=web", "container=we", "container=ab", "event=start", "image=debian:12", "image=debian", "type=container"],
    ...["label=tier", "label=tier=front", "scope=local", "TYPE=container"],
  ])
    t.equal(is(filter), true, filter);
  for (const filter of [
    ...["container=eb", "event=sta", "event=stop", "image=deb", "type=image", "label=x", "label=tier=back", "network=web", "volume=web"],
    ...["daemon=web", "plugin=web", "node=web", "service=web", "secret=web", "config=web", "scope=swarm"],
  ])
    t.equal(is(filter), false, filter);
  t.equal(is("event=stop", "event=start"), true, "values of one key are alternatives");
  t.equal(is("event=start", "type=image"), false, "keys are conditions");
  t.equal(is("label=tier", "label=x"), false, "labels are conditions");
  const health = parseEventFilters(["event=health_status"]);
  t.equal(health({ ...event, action: "health_status: healthy" }), true);
  const exec = parseEventFilters(["event=exec_create"]);
  t.equal(exec({ ...event, action: "exec_create: sh -c true" }), true);
  const image = parseEventFilters(["image=debian"]);
  t.equal(image({ ...event, type: "image", id: "debian:12", attributes: { name: "debian" } }), true);
  for (const filter of ["", "=x", "nosuch=1", "container", "constructor=1"])
    t.throws(() => parseEventFilters([filter]), { kind: "invalid", code: "bad-filter" }, filter);
});
