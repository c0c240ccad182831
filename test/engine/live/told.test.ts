import t from "tap";
import type { EventMessage } from "../../../src/engine/event/message.ts";
import { targetsOf } from "../../../src/engine/live/path.ts";
import { tellsOf } from "../../../src/engine/live/told.ts";

const event = (type: string, id: string, attributes: Readonly<Record<string, string>> = {}): EventMessage => ({
  type,
  action: "start",
  id,
  attributes,
  scope: "local",
  timeNano: 0n,
});

t.test("which events tell of an object", async (t) => {
  const web = { kind: "container", id: "abc" } as const;
  t.equal(tellsOf(web, event("container", "abc")), true);
  t.equal(tellsOf(web, event("network", "n1", { container: "abc" })), true);
  t.equal(tellsOf(web, event("container", "abd", { name: "web" })), false);
  t.equal(tellsOf({ kind: "image", id: "sha256:1" }, event("image", "bb:1")), true, "images are told of by names");
  t.equal(tellsOf({ kind: "image", id: "sha256:1" }, event("container", "abc")), false);
  t.equal(tellsOf({ kind: "volume", id: "data" }, event("volume", "data")), true);
});

t.test("what a sender writes to reach a port", async (t) => {
  const port = { hostPort: 8080, protocol: "tcp" } as const;
  t.same(targetsOf({ hostIp: "0.0.0.0", ...port }, undefined), { lan: "host:8080/tcp", host: "127.0.0.1:8080/tcp" });
  t.same(targetsOf({ hostIp: "::", ...port }, "2001:db8::1"), { lan: "[2001:db8::1]:8080/tcp", host: "[::1]:8080/tcp" });
  t.same(targetsOf({ hostIp: "::", ...port }, undefined).lan, undefined);
  t.same(targetsOf({ hostIp: "192.0.2.7", ...port }, undefined), { lan: "192.0.2.7:8080/tcp", host: "192.0.2.7:8080/tcp" });
});
