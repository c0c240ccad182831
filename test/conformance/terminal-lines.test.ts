// Where what a container's terminal shows ends up on no terminal, its lines end as its programs end them, as with runc; who looks on sees whole lines.
import t from "tap";
import { type Document, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";

const options = { ...needRoot, buffered: true };
const withTerminal = (config: Document) => {
  config.process.terminal = true;
};

t.test("Process: a terminal whose lines are read from a pipe or a file", options, async (t) => {
  const box = openOciBox(t);
  const id = `lines-${process.pid}`;
  const run = box.oci(["run", "--bundle", box.bundle("echo one; printf 'two\\r\\n'; [ -t 1 ] && stty -a", withTerminal), id]);
  t.match(run.stdout, /^one\ntwo\r\n/);
  t.match(run.stdout, " -onlcr ");
  t.equal(box.oci(["create", "--bundle", box.bundle("exec sleep 100"), id]).status, 0);
  t.equal(box.oci(["start", id]).status, 0);
  t.equal(box.oci(["exec", "--tty", id, "sh", "-c", "[ -t 1 ] && echo one; echo two"]).stdout, "one\ntwo\n");
});

t.test("Process: on a terminal no line begins where the last one ended", options, async (t) => {
  const box = openOciBox(t);
  const script = "echo one; echo two; read line; stty raw; printf 'three\\r\\n    four\\nfive\\n'; exec sleep 100";
  const words = (id: string) => [ociProgram, "--root", box.root, "run", "--bundle", box.bundle(script, withTerminal), id];
  // The caller's terminal does as the container's says, also where that wants a line feed and no more.
  const direct = openTerminal(t, words(`direct-${process.pid}`));
  await direct.see(/^one\ntwo$/m);
  direct.press("Enter");
  await direct.see(/^three\n {4}four\n {8}five$/m);
  // Somebody else shows it there while it is raw.
  const shared = openTerminal(t, ["sh", "-c", `${words(`shared-${process.pid}`).join(" ")} | cat`]);
  await shared.see(/^one\ntwo$/m);
});
