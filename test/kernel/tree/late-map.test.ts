// What is left for later comes out as from a map that has all of it, however much of it went into a file.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import t, { type Test } from "tap";
import { type LateMap, openLateMap } from "../../../src/kernel/tree/late-map.ts";

function place(t: Test): string {
  const directory = mkdtempSync(`${tmpdir()}/tsns-late-test-`);
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** The last word on each path. */
function outcomeOf<V>(map: LateMap<V>): ReadonlyMap<string, V> {
  return new Map([...map.segments()].flatMap((segment) => [...segment]));
}

type Deed = readonly ["set" | "drop", path: string];

/** As many others as fill the memory, between the deeds. */
function fill(map: LateMap<number>, round: number): void {
  for (let at = 0; at < 2048; at++) map.set(`filling-${round}/${at}`, -1);
}

t.test("as a map in memory", async (t) => {
  const directory = place(t);
  const path = fc.array(fc.constantFrom("a", "b", "\xff", '"'), { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
  const deed: fc.Arbitrary<Deed> = fc.tuple(fc.constantFrom("set", "set", "drop"), path);
  for (const own of [true, false])
    fc.assert(
      fc.property(fc.array(fc.array(deed, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), (rounds) => {
        const map = openLateMap<number>({ directory, own });
        const expected = new Map<string, number>();
        let count = 0;
        for (const [round, deeds] of rounds.entries()) {
          for (const [what, at] of deeds) {
            if (what === "set") {
              map.set(at, ++count);
              expected.set(at, count);
              continue;
            }
            map.drop(at);
            if (own) expected.delete(at);
            for (const key of expected.keys()) if (key.startsWith(`${at}/`)) expected.delete(key);
          }
          if (round < rounds.length - 1) fill(map, round);
        }
        const outcome = [...outcomeOf(map)].filter(([key]) => !key.startsWith("filling-")).sort();
        t.same(outcome, [...expected].sort());
      }),
      { numRuns: 8 },
    );
  t.same(readdirSync(directory), [], "no file is seen");
});

t.test("what is void is taken out of the file", async (t) => {
  const map = openLateMap<number>({ directory: place(t), own: true });
  fill(map, 0);
  for (let at = 0; at < 20_000; at++) {
    map.set(`gone-${at}`, at);
    if (at % 10_000 === 9_999) fill(map, at);
  }
  for (let at = 0; at < 19_999; at++) map.drop(`gone-${at}`);
  const left = outcomeOf(map);
  t.same(
    [...left.keys()].filter((path) => path.startsWith("gone")),
    ["gone-19999"],
  );
  t.equal(left.get("filling-0/2047"), -1);
  t.same([...outcomeOf(map)], [], "nothing twice");
});

t.test("long paths count as what they are", async (t) => {
  const map = openLateMap<null>({ directory: place(t), own: true });
  for (let at = 0; at < 10; at++) map.set(`${"n".repeat(400_000)}/${at}`, null);
  t.ok([...map.segments()].length > 2);
});

t.test("a directory that is gone", async (t) => {
  const map = openLateMap<number>({ directory: `${place(t)}/none`, own: true });
  fill(map, 0);
  t.equal(outcomeOf(map).size, 2048, "the file lies elsewhere");
});
