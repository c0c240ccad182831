import t from "tap";
import { parseMountInfo, unescapeOctal } from "../../src/mount/state.ts";

t.test("every field", async (t) => {
  const text = "36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n";
  t.strictSame(parseMountInfo(text), [
    {
      id: 36,
      parentId: 35,
      device: "98:0",
      root: "/mnt1",
      target: "/mnt2",
      options: ["rw", "noatime"],
      propagation: ["shared:1", "master:2"],
      type: "ext3",
      source: "/dev/root",
      superOptions: ["rw", "errors=continue"],
    },
  ]);
});

t.test("odd paths", async (t) => {
  const [mount] = parseMountInfo("1 0 0:1 /a\\040b /x\\011y\\012z\\134w rw - tmpfs none rw");
  t.match(mount, { root: "/a b", target: "/x\ty\nz\\w", propagation: [] });
  t.equal(unescapeOctal("a\\\\b"), "a\\\\b", "no octal digits, no escape");
  const [dash] = parseMountInfo("1 0 0:1 / - rw - tmpfs - rw");
  t.match(dash, { target: "-", type: "tmpfs", source: "-" });
});

t.test("an empty source and no super options", async (t) => {
  t.strictSame(parseMountInfo("1 0 0:1 / /m rw -  none rw"), [], "a type is never empty");
  t.match(parseMountInfo("1 0 0:1 / /m rw - tmpfs  rw"), [{ source: "", superOptions: ["rw"] }]);
});

t.test("what is no mount is left out", async (t) => {
  t.strictSame(parseMountInfo("\nnonsense\n1 2 3\nx 0 0:1 / /m rw - tmpfs none rw\n"), []);
});
