// Binds as they are written in a configuration: any number of them, ids mapped in each that says so, and a /dev under any spelling of its path.
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const bind = (source: string, destination: string, more: object = {}) => ({
  type: "bind",
  source,
  destination,
  options: ["bind"],
  ...more,
});
const mappedTo = (hostID: number) => {
  const maps = [{ containerID: 0, hostID, size: 10 }];
  return { uidMappings: maps, gidMappings: maps };
};

const group = `/tsns-oci-test-${process.pid}-bind`;

/** Runs a script in a container that has these mounts as well. */
function run(box: OciBox, script: string, mounts: (bundle: string) => Document[]) {
  const bundle = box.bundle(script, (config, directory) => {
    config.linux.cgroupsPath = group;
    config.mounts = [...config.mounts, ...mounts(directory)];
  });
  return box.oci(["run", "-b", bundle, "box"]);
}

t.test("ids are mapped however many binds there are", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
  const script = "cat /plain79; for n in 0 9 19; do stat -c %u:%g /mapped$n; done; stat -c %u:%g /other";
  const { status, stdout, stderr } = run(box, script, (bundle) => {
    writeFileSync(`${bundle}/file`, "as it is\n");
    chownSync(`${bundle}/file`, 3, 4);
    return [
      ...many(80, (at) => bind(`${bundle}/file`, `/plain${at}`)),
      ...many(20, (at) => bind(`${bundle}/file`, `/mapped${at}`, mappedTo(1000))),
      bind(`${bundle}/file`, "/other", mappedTo(2000)),
    ];
  });
  t.same({ status, stdout, stderr }, { status: 0, stdout: "as it is\n1003:1004\n1003:1004\n1003:1004\n2003:2004\n", stderr: "" });
  const refused = run(box, "true", (bundle) => {
    writeFileSync(`${bundle}/file`, "");
    return many(71, (at) => bind(`${bundle}/file`, `/mapped${at}`, mappedTo(1000)));
  });
  t.match(refused, { status: 1, stderr: /^tsns: mount \/mapped70: / });
  t.same(readdirSync(box.root), [], "nothing is left of it");
});

t.test("no node is made in a /dev of the host, however it is written", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  for (const destination of ["/dev/", "/dev/.", "//dev", "/a/../dev"]) {
    const bundle = box.bundle("cat /dev/null; ls /dev", (config, directory) => {
      mkdirSync(`${directory}/nodes`);
      writeFileSync(`${directory}/nodes/null`, "a file of the host's\n");
      config.linux.cgroupsPath = group;
      config.mounts = [{ type: "proc", source: "proc", destination: "/proc" }, bind(`${directory}/nodes`, destination)];
    });
    t.match(box.oci(["run", "-b", bundle, "box"]), { status: 0, stdout: "a file of the host's\nnull\n" }, destination);
    t.same(readdirSync(`${bundle}/nodes`), ["null"], destination);
    t.equal(readFileSync(`${bundle}/nodes/null`, "utf8"), "a file of the host's\n", destination);
    t.notOk(existsSync(`${bundle}/rootfs/a`), destination);
  }
});
