import t from "tap";
import { expandSlice, scopeOf, unitObject } from "../../../src/runtime/systemd/unit.ts";
import { refusal } from "../../fixture/oci-config.ts";

t.test("slice, unit and group of cgroupsPath", async (t) => {
  const of = (path?: string) => Object.values(scopeOf(path, "id", "system.slice")).join(" ");
  t.equal(of("machine.slice:libpod:abc"), "machine.slice libpod-abc.scope /machine.slice/libpod-abc.scope");
  t.equal(of("a-b-c.slice:docker:x"), "a-b-c.slice docker-x.scope /a.slice/a-b.slice/a-b-c.slice/docker-x.scope");
  t.equal(of(":box:x"), "system.slice box-x.scope /system.slice/box-x.scope");
  t.equal(of("-:box:x"), "-.slice box-x.scope /box-x.scope", "the root");
  t.equal(of("::x"), "system.slice -x.scope /system.slice/-x.scope", "as runc has it");
  t.equal(of(), "system.slice tsns-id.scope /system.slice/tsns-id.scope");
  t.equal(of(""), of());
  t.equal(scopeOf(":a:b", "id", "user.slice").slice, "user.slice");
});

t.test("what is none", async (t) => {
  const wrong = (path: string) => refusal(() => scopeOf(path, "id", "system.slice"));
  for (const path of ["/a/b", "a.slice:b", "a.slice:b:c:d"])
    t.equal(wrong(path), `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${path}" instead`);
  for (const slice of ["a", ".slice", "-a.slice", "a-.slice", "a--b.slice", "a/b.slice", "a b.slice", "../a.slice"])
    t.equal(wrong(`${slice}:b:c`), `invalid slice name: "${slice}"`);
  for (const name of ["", "a/b", "a\nb", "ä", "a".repeat(250)]) t.match(wrong(`a.slice:b:${name}`), 'invalid unit name: "b-');
  t.match(wrong("a.slice:b:c.slice"), "names a slice");
});

t.test("where a slice is", async (t) => {
  t.equal(expandSlice("-.slice"), "");
  t.equal(expandSlice("user-1000.slice"), "/user.slice/user-1000.slice");
});

t.test("the object of a unit", async (t) => {
  t.equal(unitObject("libpod-0a.scope"), "/org/freedesktop/systemd1/unit/libpod_2d0a_2escope");
  t.equal(unitObject("0_é.scope"), "/org/freedesktop/systemd1/unit/_30_5f_c3_a9_2escope");
});
