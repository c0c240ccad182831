// What runc makes of an environment beyond config.md of the OCI runtime specification 1.2, Process: HOME, where nobody has said what it is.
import t from "tap";
import { openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

t.test("an empty HOME is none: it becomes the home of the user in the container", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const homes: [string[], number, string][] = [
    [[], 0, "/root"],
    [["HOME="], 0, "/root"],
    [["HOME=/override", "HOME="], 0, "/root"],
    [["HOME=", "HOME=/override"], 0, "/override"],
    [["HOME="], 1, "/"],
    [["HOME="], 4711, "/"],
  ];
  homes.forEach(([env, uid, home], at) => {
    const bundle = box.bundle("", (config) => {
      config.process.args = ["env"];
      config.process.env = ["PATH=/bin", ...env];
      config.process.user = { uid, gid: uid };
    });
    const { stdout, stderr } = box.oci(["run", "--bundle", bundle, `home-${process.pid}-${at}`]);
    t.same(stdout.trimEnd().split("\n").sort(), [`HOME=${home}`, "PATH=/bin"], `${env.join(" ")} of ${uid}${stderr}`);
  });
});

t.test("so it is in what is executed later", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const id = `home-${process.pid}`;
  t.equal(box.oci(["create", "--bundle", box.bundle("exec sleep 100"), id]).status, 0);
  const said = (...words: string[]) => box.oci(["exec", ...words, id, "sh", "-c", 'echo "$HOME"']).stdout.trim();
  t.equal(box.oci(["start", id]).status, 0);
  t.same([said(), said("--env", "HOME="), said("--env", "HOME=/x")], ["/root", "/root", "/x"]);
});
