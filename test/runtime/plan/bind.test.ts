// Binds of a configuration and the descriptor numbers they take: those whose ids are mapped never go without.
import t from "tap";
import type { RuntimeMount } from "../../../src/runtime/config/mount.ts";
import type { RuntimeConfig, RuntimeIdMapping } from "../../../src/runtime/config/type.ts";
import { planRuntime } from "../../../src/runtime/plan/plan.ts";
import { plainConfig, plainPlace } from "../../fixture/runtime-config.ts";

const mapTo = (hostID: number): readonly RuntimeIdMapping[] => [{ containerID: 0, hostID, size: 10 }];

/** `hostID`: where its ids begin; absent: they are not mapped. */
const bind = (destination: string, hostID?: number): RuntimeMount => ({
  ...{ destination, type: "bind", source: `/from${destination}`, options: ["bind"] },
  uidMappings: hostID === undefined ? [] : mapTo(hostID),
  gidMappings: hostID === undefined ? [] : mapTo(hostID),
});
const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

function planned(...mounts: readonly RuntimeMount[]) {
  const linux = { ...plainConfig.linux, rootfsPropagation: "shared" } as const;
  const { monitor, init } = planRuntime({ ...plainConfig, linux, mounts }, plainPlace);
  const of = (name: string) => [...monitor, ...init].filter(([each]) => each === name).map(([, ...words]) => words);
  return { of, opened: new Map(of("open-tree").map(([number = "", source = ""]) => [number, source])) };
}

t.test("those that are mapped have numbers, however many others are listed before them", async (t) => {
  const { of, opened } = planned(
    ...many(80, (at) => bind(`/plain${at}`)),
    ...many(3, (at) => bind(`/mapped${at}`, 1000 * at)),
    bind("/last"),
  );
  t.equal(of("open-tree").length, 70);
  t.equal(opened.size, 70, "each its own");
  t.same(
    of("idmap-tree").map(([number = ""]) => opened.get(number)),
    ["/from/mapped0", "/from/mapped1", "/from/mapped2"],
  );
  const places = of("bind-tree-at").map(([number = "", destination]) => [opened.get(number), `/from${destination}`]);
  t.ok(
    places.every(([source, wanted]) => source === wanted),
    "each where it belongs",
  );
  t.same(
    of("bind-at").map(([, destination]) => destination),
    [...many(13, (at) => `/plain${67 + at}`), "/last"],
    "the others by path",
  );
});

t.test("equal maps are one user namespace", async (t) => {
  const { of, opened } = planned(...many(40, (at) => bind(`/d${at}`, 1000 * (at % 2))));
  const maps = of("map-namespace");
  t.same(
    maps.map(([, ...rendered]) => rendered),
    [0, 1000].map((id) => [`0 ${id} 10\n`, `0 ${id} 10\n`]),
  );
  const [even, odd] = maps.map(([number]) => number);
  t.same(
    of("idmap-tree").map(([tree = "", map]) => [opened.get(tree), map]),
    many(40, (at) => [`/from/d${at}`, at % 2 === 0 ? even : odd]),
  );
});

t.test("one that there is no number for is refused by its name", async (t) => {
  t.equal(planned(...many(70, (at) => bind(`/d${at}`, 5))).of("idmap-tree").length, 70);
  t.throws(() => planned(...many(71, (at) => bind(`/d${at}`, 5))), {
    kind: "unsupported",
    code: "too-many-id-maps",
    message: /^mount \/d70: [^\n]*more than 70/,
  });
  t.equal(planned(...many(17, (at) => bind(`/d${at}`, at))).of("map-namespace").length, 17);
  t.throws(() => planned(...many(18, (at) => bind(`/d${at}`, at))), {
    kind: "unsupported",
    code: "too-many-id-maps",
    message: /^mount \/d17: [^\n]*more than 17/,
  });
});

t.test("without privileges those that are mapped are opened by the creator as well", async (t) => {
  const mounts = [bind("/plain"), bind("/mapped", 5)];
  const { monitor, init } = planRuntime({ ...plainConfig, mounts }, { ...plainPlace, isUnprivileged: true });
  t.match(
    monitor.filter(([name]) => name === "open-tree"),
    [["open-tree", "130", "/from/mapped"]],
  );
  t.match(
    init.filter(([name]) => name === "bind-at"),
    [["bind-at", "/from/plain"]],
  );
});

t.test("by path in their turn, where init reaches the host's mounts and nothing is shared with them", async (t) => {
  const mounts = [bind("/plain"), bind("/mapped", 5)];
  const opened = (linux: Partial<RuntimeConfig["linux"]>) =>
    planRuntime({ ...plainConfig, mounts, linux: { ...plainConfig.linux, ...linux } }, plainPlace)
      .monitor.filter(([name]) => name === "open-tree")
      .map(([, , source]) => source);
  t.same(opened({}), ["/from/mapped"]);
  const both = ["/from/plain", "/from/mapped"];
  t.same(opened({ rootfsPropagation: "shared" }), both);
  t.same(opened({ rootfsPropagation: "private" }), both);
  const { namespaces } = plainConfig.linux;
  t.same(opened({ namespaces: [...namespaces, { type: "user" }], uidMappings: mapTo(1), gidMappings: mapTo(1) }), both);
  t.same(opened({ namespaces: [{ type: "mount", path: "/run/mnt" }] }), both);
});

t.test("what is in the root is opened when its turn comes, and mapped then", async (t) => {
  const { of, opened } = planned(
    { ...bind("/plain"), source: "/bundle/rootfs/made" },
    { ...bind("/mapped", 1000), source: "/bundle/rootfs/made" },
    { ...bind("/beside"), source: "/bundle/rootfs2" },
  );
  t.same([...opened.values()], ["/bundle/rootfs2"]);
  t.same(of("tree-in-turn"), [
    ["131", "/bundle/rootfs/made", "0"],
    ["130", "/bundle/rootfs/made", "0", "113", "0"],
  ]);
  t.same(of("take-tree"), [["131"], ["130"]]);
  t.equal(of("idmap-tree").length, 0);
});
