// config.md and config-linux.md of the OCI runtime specification 1.2, Process (terminal, consoleSize) and Default Devices (/dev/console).
import t from "tap";
import { ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";

const script = `tty; stat -c '%F %a' /dev/console; stat -L -c %t /dev/ptmx; for fd in 0 1 2; do [ -t $fd ] && echo terminal $fd; done
  [ $(stat -c %i /dev/console) = $(stat -c %i $(tty)) ] && echo same; stty size; read line; echo "<$line>"; exit 7`;

t.test("Process: a terminal is on the three streams and at /dev/console", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle(script, (config) => {
    config.process.terminal = true;
    config.process.consoleSize = { height: 11, width: 22 };
  });
  const terminal = openTerminal(t, [ociProgram, "--root", box.root, "run", "--bundle", bundle, "terminal"], { columns: 90, rows: 30 });
  await terminal.see(/^\d+ \d+$/m);
  t.match(
    terminal.screen(),
    /^\/dev\/pts\/0\ncharacter special file \d{3}\n5\nterminal 0\nterminal 1\nterminal 2\nsame\n30 90$/,
    "as large as the caller's",
  );
  terminal.type("typed");
  terminal.press("Enter");
  await terminal.see(/<typed>/);
  t.equal(await terminal.exitCode(), 7);
});
