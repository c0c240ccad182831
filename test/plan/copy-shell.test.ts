// The shell commands for a copy: that they copy as the step says, also with ids shifted, by running them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { shellOfCopy } from "../../src/plan/shell/copy.ts";
import { needRoot } from "../fixture/root.ts";

t.test("copies with the container's ids", needRoot, async (t) => {
  const place = mkdtempSync(join(tmpdir(), "tsns-copy-shell-"));
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  mkdirSync(`${place}/root/in`, { recursive: true });
  mkdirSync(`${place}/d`);
  writeFileSync(`${place}/d/f`, "text");
  const common = { kind: "tree.copy", root: `${place}/root`, follow: false, owners: true } as const;
  const run = (command: string, input?: Buffer) => execFileSync("sh", ["-ec", command], input ? { input } : {});
  const ids = (path: string) => [statSync(path).uid, statSync(path).gid];
  const inward = { ...common, direction: "to-container", shift: { uid: 500, gid: 600 } } as const;

  run(shellOfCopy({ ...inward, inside: "/in", outside: `${place}/d` }));
  t.same(ids(`${place}/root/in/d/f`), [500, 600]);
  run(shellOfCopy({ ...inward, inside: "/in/new", outside: `${place}/d/.` }));
  t.same(ids(`${place}/root/in/new/f`), [500, 600], "contents alone");
  const tar = execFileSync("tar", ["-C", place, "-c", "d/f"]);
  mkdirSync(`${place}/root/tar`);
  run(shellOfCopy({ ...inward, inside: "/tar", outside: "-" }), tar);
  t.same(ids(`${place}/root/tar/d/f`), [500, 600], "from a tar");
  t.same(ids(`${place}/root/tar`), [0, 0], "its directory stays as it is");

  const outward = { ...common, direction: "from-container", shift: { uid: -500, gid: -600 } } as const;
  run(shellOfCopy({ ...outward, inside: "/in/d/f", outside: `${place}/out` }));
  t.same(ids(`${place}/out`), [0, 0]);
  const listed = execFileSync("tar", ["-tv"], { input: run(shellOfCopy({ ...outward, inside: "/in/d/f", outside: "-" })) }).toString();
  t.match(listed, /0\/0 .* f\n|root\/root .* f\n/, "as a tar");
  const plain = execFileSync("tar", ["-t"], {
    input: run(shellOfCopy({ ...common, direction: "from-container", inside: "/in/d", outside: "-" })),
  });
  t.equal(plain.toString(), "d/\nd/f\n");
});
