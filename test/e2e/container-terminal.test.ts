// An interactive shell under a pty, with tmux as the user: keys, size, job control, detaching, the terminal afterwards.
import { readdirSync, readFileSync } from "node:fs";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";
import { importDebian } from "../fixture/debian.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const plainPrompt = ["-e", "PS1=ready> "];
/** Commands that nobody else on this machine runs. */
const [first, second] = [1, 2].map((digit) => `sleep ${digit}${`${process.pid}`.padStart(7, "0")}`) as [string, string];

/**
 * Waits until a command is in the foreground of its terminal, and not stopped: keys that make signals reach it. Its line is on the screen before that,
 * while the shell still reads keys itself.
 */
const untilInFront = (command: string) =>
  waitFor(`${command} in the foreground`, () => readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && isInFront(pid, command)));

function isInFront(pid: string, command: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8") !== `${command.replace(" ", "\0")}\0`) return false;
    const [state, , group, , , foreground] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
    return state === "S" && group === foreground;
  } catch {
    return false; // it has ended meanwhile
  }
}

scenario("bash of Debian: size, resize, Ctrl-C, Ctrl-Z, exit code", async (t, root) => {
  await importDebian(root, "debian");
  const terminal = openTerminal(t, [command, "run", "--rm", "-it", "--network", "none", ...plainPrompt, "debian", "bash", "--norc"], {
    env: root.env(),
    columns: 91,
    rows: 27,
  });
  await terminal.see(/ready>$/m);
  terminal.type("stty size; tty; echo $TERM\n");
  await terminal.see(/^27 91\n\/dev\/pts\/0\nxterm$/m);
  terminal.type("trap 'echo resized-$(stty size)' WINCH; echo trap-$((1 + 1))\n");
  await terminal.see(/^trap-2$/m);
  terminal.resize(100, 30);
  terminal.press("Enter");
  await terminal.see(/resized-30 100$/m);
  terminal.type(`${first}\n`);
  await untilInFront(first);
  terminal.press("C-c");
  terminal.type("echo interrupted-$?\n");
  await terminal.see(/^interrupted-130$/m);
  terminal.type(`${second}\n`);
  await untilInFront(second);
  terminal.press("C-z");
  await terminal.see(new RegExp(`\\[1\\]\\+ +Stopped +${second}`));
  terminal.type("fg\n");
  await terminal.see(new RegExp(`^${second}$`, "m"));
  await untilInFront(second);
  terminal.press("C-c");
  terminal.type("echo again-$?; exit 42\n");
  await terminal.see(/^again-130$/m);
  t.equal(await terminal.exitCode(), 42);
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("detach with Ctrl-P Ctrl-Q, go on, attach again", async (t, root) => {
  const shell = openTerminal(t, ["sh", "-c", 'PS1="outside> " exec sh -i'], { env: { ...root.env(), ENV: "" } });
  await shell.see(/outside>$/m);
  shell.type(`${command} run -it --name kept --network none -e 'PS1=ready> ' ${image} sh\n`);
  await shell.see(/^ready>$/m);
  shell.type("place=inside\n");
  shell.press("C-p", "C-q");
  await shell.see(/outside>$/m);
  shell.type("echo status-$?; stty -a | tr ' ' '\\n' | grep -cxE 'echo|icanon|isig|opost|onlcr'\n");
  await shell.see(/status-0\n5$/m);
  t.equal(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), "kept running");
  const pid = await pidOf(root, "kept");
  shell.type(`clear; ${command} attach kept\n`);
  // what is typed before the client reads goes to nobody
  await waitFor("a prompt of the shell inside", () => {
    shell.press("Enter");
    return /^ready>$/m.test(shell.screen());
  });
  shell.type("echo still-$place\n");
  await shell.see(/^still-inside$/m);
  t.equal(await pidOf(root, "kept"), pid, "the same process");
  shell.press("C-p");
  shell.type("xecho a-single-ctrl-p-is-passed-on\n");
  await shell.see(/ctrl-p/);
  shell.type("exit 7\n");
  await shell.see(/outside>$/m);
  shell.type("echo attached-$?\n");
  await shell.see(/attached-7$/m);
  await root.ok(["rm", "kept"]);
});

scenario("--detach-keys: others, for run, attach and exec", async (t, root) => {
  const shell = openTerminal(t, ["sh", "-c", 'PS1="outside> " exec sh -i'], { env: { ...root.env(), ENV: "" } });
  await shell.see(/outside>$/m);
  shell.type(`${command} run -it --name other --network none --detach-keys ctrl-x,x -e 'PS1=ready> ' ${image} sh\n`);
  await shell.see(/^ready>$/m);
  shell.press("C-x", "x");
  await shell.see(/outside>$/m);
  shell.type(`clear; ${command} exec -it --detach-keys a,b,c -e 'PS1=entered> ' other sh\n`);
  await shell.see(/^entered>$/m);
  shell.type("abc");
  await shell.see(/outside>$/m);
  t.equal(await root.ok(["ps", "--format", "{{.Names}}"]), "other");
  await root.ok(["rm", "-f", "other"]);
  const wrong = await root.tsns(["run", "--rm", "--detach-keys", "ctrl-", image, "true"]);
  t.match(wrong, { code: 125, stderr: /^tsns: .*ctrl-.*\n$/ });
});

scenario("the terminal is as it was, after an exit, a kill and a failure to start", async (t, root) => {
  const shell = openTerminal(t, ["sh", "-c", 'PS1="outside> " exec sh -i'], { env: { ...root.env(), ENV: "" } });
  await shell.see(/outside>$/m);
  shell.type("before=$(stty -g); echo saved\n");
  await shell.see(/^saved$/m);
  const unchanged = async (mark: string) => {
    shell.type(`[ "$(stty -g)" = "$before" ] && echo same-${mark} || echo other-${mark}\n`);
    t.equal((await shell.see(new RegExp(`^(same|other)-${mark}$`, "m")))[1], "same", mark);
  };
  shell.type(`${command} run --rm -it --network none ${image} stty -echo raw; echo code-$?\n`);
  await shell.see(/^code-0$/m);
  await unchanged("exit");
  shell.type(`${command} run --rm -it --network none ${image} nosuch; echo code-$?\n`);
  await shell.see(/^code-127$/m);
  await unchanged("failure");
  shell.type(`${command} run -it --name struck --network none -e 'PS1=ready> ' ${image} sh; echo code-$?\n`);
  await shell.see(/^ready>$/m);
  await root.ok(["kill", "struck"]);
  await shell.see(/code-137$/m);
  await unchanged("kill");
  await root.ok(["rm", "struck"]);
});

scenario("exec -it: a terminal of its own, with size and job control", async (t, root) => {
  await root.ok(["run", "-d", "--name", "base", "--network", "none", image, "sleep", "1000"]);
  const terminal = openTerminal(t, [command, "exec", "-it", ...plainPrompt, "base", "sh"], { env: root.env(), columns: 70, rows: 20 });
  await terminal.see(/^ready>$/m);
  terminal.type("stty size; tty\n");
  await terminal.see(/^20 70\n\/dev\/pts\/0$/m);
  terminal.resize(60, 21);
  terminal.type(`${first}\n`);
  await untilInFront(first);
  terminal.press("C-c");
  terminal.type("stty size; exit 9\n");
  await terminal.see(/^21 60$/m);
  t.equal(await terminal.exitCode(), 9);
  await root.ok(["rm", "-f", "base"]);
});

scenario("Ctrl-C without -t reaches the container and ends the command as the container ended", async (t, root) => {
  const script = 'trap "echo caught; exit 33" INT; echo waiting; while :; do sleep 1000 & wait; done';
  const terminal = openTerminal(t, [command, "run", "--rm", "--network", "none", image, "sh", "-c", script], { env: root.env() });
  await terminal.see(/^waiting$/m);
  terminal.press("C-c");
  await terminal.see(/caught/);
  t.equal(await terminal.exitCode(), 33);
  t.equal(await root.ok(["ps", "-aq"]), "");
});
