// Parsers of what the kernel says of namespaces, cgroups and sockets, against noise and against recorded texts with a piece changed.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t, { type Test } from "tap";
import { parseDockerName, parsePodmanNames } from "../../src/kernel/proc/foreign.ts";
import { parseSocketRows } from "../../src/kernel/proc/inet-socket.ts";
import { inodeOfLink } from "../../src/kernel/proc/namespace.ts";
import { parseNamespaceMounts } from "../../src/kernel/proc/namespace-file.ts";
import { parseHolder } from "../../src/kernel/proc/namespace-holder.ts";
import { parseRelations } from "../../src/kernel/proc/namespace-relation.ts";
import { parseInet6 } from "../../src/kernel/proc/net-address.ts";
import { describeRow, parseUnixSockets } from "../../src/kernel/proc/socket.ts";
import { ownerOfMemberships, parseCgroupMemberships } from "../../src/namespace/cgroup-owner.ts";
import { innerId, outerId, parseIdMap } from "../../src/namespace/id-map.ts";
import { parseNamespaceName, renderNamespaceName } from "../../src/namespace/inode.ts";
import { meaningsOf } from "../../src/namespace/who.ts";
import { canonicalAddress } from "../../src/network/canonical.ts";

const fixture = (name: string) => readFileSync(new URL(`../kernel/proc/fixture/${name}`, import.meta.url), "utf8");
const whole = (value: number, most: number) => Number.isSafeInteger(value) && value >= 0 && value <= most;

/** A recorded text with some of it replaced by noise. */
function damaged(text: string) {
  const piece = fc.record({ at: fc.nat(text.length), length: fc.nat(12), noise: fc.string({ unit: "binary", maxLength: 12 }) });
  return piece.map(({ at, length, noise }) => text.slice(0, at) + noise + text.slice(at + length));
}

function holds<T>(t: Test, what: string, arbitrary: fc.Arbitrary<T>, body: (value: T) => boolean): void {
  fc.assert(fc.property(arbitrary, body), { numRuns: 300 });
  t.pass(what);
}

t.test("sockets", async (t) => {
  const inet = ["net-tcp", "net-tcp6", "net-udp"].map(fixture).join("\n");
  holds(t, "internet", fc.oneof(damaged(inet), fc.string({ unit: "binary" })), (text) =>
    parseSocketRows(text)
      .map(describeRow)
      .every(
        (socket) => whole(socket.localPort, 65_535) && whole(socket.remotePort, 65_535) && canonicalAddress(socket.local) === socket.local,
      ),
  );
  holds(t, "unix", fc.oneof(damaged(fixture("net-unix")), fc.string({ unit: "binary" })), (text) =>
    parseUnixSockets(text).every(({ inode, path }) => inode >= 0 && !path.includes("\n")),
  );
  holds(t, "addresses", fc.oneof(damaged(fixture("net-if_inet6")), fc.string({ unit: "binary" })), (text) =>
    parseInet6(text).every(({ address, prefixLength }) => canonicalAddress(address) !== undefined && whole(prefixLength, 255)),
  );
});

t.test("cgroups", async (t) => {
  holds(t, "damaged", damaged(fixture("cgroup-podman-v1")), (text) => {
    const memberships = parseCgroupMemberships(text);
    const owner = ownerOfMemberships(memberships);
    return memberships.every(({ path }) => path.startsWith("/")) && (owner === undefined || owner.name !== "" || owner.id.length === 64);
  });
  holds(
    t,
    "a path keeps its colons",
    fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", "")),
    (name) => {
      const [membership] = parseCgroupMemberships(`4:memory:/${name}\n`);
      return membership?.path === `/${name}`;
    },
  );
});

t.test("id maps", async (t) => {
  const id = fc.nat(4_294_967_294);
  holds(t, "there and back", fc.tuple(id, id, fc.integer({ min: 1, max: 70_000 }), fc.nat(70_000)), ([inner, outer, count, offset]) => {
    const map = parseIdMap(`${inner} ${outer} ${count}\n`);
    const outside = outerId(map, inner + offset);
    return offset < count ? outside === outer + offset && innerId(map, outside) === inner + offset : outside === undefined;
  });
  holds(t, "noise", damaged("         0     100000      65536\n"), (text) =>
    parseIdMap(text).every(({ inner, outer, count }) => inner >= 0 && outer >= 0 && count > 0),
  );
});

t.test("names and words", async (t) => {
  const noise = fc.oneof(fc.string({ unit: "binary" }), damaged("net:[4026531840]"), damaged(fixture("mountinfo-nsfs")));
  holds(t, "no parser throws", noise, (text) => {
    const name = parseNamespaceName(text);
    meaningsOf(text);
    parseHolder(text);
    return (
      inodeOfLink(text) >= 0 &&
      parseNamespaceMounts(text).every(({ inode, target }) => inode >= 0 && target !== "") &&
      (name === undefined || Number(/\d+/.exec(renderNamespaceName(name))?.[0]) === name.inode)
    );
  });
  holds(t, "relations", damaged("user\t4026531837\t-\t-\t0\nnet\t4026531840\t4026531837\t-\t-\n"), (text) =>
    parseRelations(text).every(({ inode, ownerUid }) => inode > 0 && ownerUid >= -1),
  );
  holds(t, "state of other engines", fc.jsonValue(), (value) => {
    parsePodmanNames(value);
    return parseDockerName(value) !== "";
  });
});
