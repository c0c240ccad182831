// Actions of the dashboard on a real terminal: each is a command of tsns that does what it says and stands in the list of commands.
import t, { type Test } from "tap";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot } from "../fixture/data-root.ts";
import { serveCommand } from "../fixture/registry-serve.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";

/** Makes the list show the rows with this text alone; the first of them is chosen. */
async function choose(terminal: Terminal, text: string): Promise<void> {
  terminal.press("/");
  terminal.type(text);
  await terminal.see(new RegExp(`^.\\s*/${text}`, "m"));
  terminal.press("Enter");
}

/** Writes into the dialog that is open. */
async function enter(terminal: Terminal, text: string): Promise<void> {
  terminal.press("C-u");
  terminal.type(text);
  await terminal.see(new RegExp(`> .*${text}|› .*${text}`));
  terminal.press("Enter");
}

interface Place {
  readonly root: DataRoot;
  readonly terminal: Terminal;
  /** Of a registry that has the image. */
  readonly address: string;
}

async function makePlace(t: Test): Promise<Place> {
  const root = await makeBusyboxRoot(t);
  const { address } = await serveCommand(await makeBusyboxRoot(t), ["--quiet"]);
  for (const name of ["web", "old1", "old2", "idle"]) {
    const verb = name === "web" || name === "old1" ? ["run", "-d", "--stop-signal", "KILL"] : ["create"];
    await root.ok([...verb, "--name", name, "--network", "none", image, "sleep", "1000"]);
  }
  const terminal = openTerminal(t, [command, "tui"], { env: root.env({ env: { TERM: "screen-256color" } }), columns: 120, rows: 40 });
  await terminal.see(/ web .*running/);
  return { root, terminal, address };
}

async function changeOne(t: Test, { root, terminal }: Place): Promise<void> {
  await choose(terminal, "web");
  terminal.press("u");
  await terminal.see(/Limits of web/);
  await enter(terminal, "64m");
  await terminal.see(/tsns update --memory 64m web: done/);
  t.equal(await root.ok(["inspect", "--format", "{{.HostConfig.Memory}}", "web"]), "67108864");
  terminal.press("c");
  await terminal.see(/An image of what web has changed/);
  await enter(terminal, "kept:1");
  await terminal.see(/tsns commit web kept:1: done/);
  terminal.press("R");
  await terminal.see(/Another name for web/);
  await enter(terminal, "webshop");
  await terminal.see(/tsns rename web webshop: done/);
  await terminal.see(/webshop .*running/);
  // From a tab too: the key may have been meant for something else there.
  terminal.press("Tab", "s");
  await terminal.see(/Stop webshop\?/);
  terminal.press("n");
  t.equal(await root.ok(["ps", "--format", "{{.State}}", "--filter", "name=webshop"]), "running");
  terminal.press("s");
  await terminal.see(/Stop webshop\?/);
  terminal.press("y");
  await terminal.see(/tsns stop webshop: done/);
  terminal.press("Tab");
  await terminal.see(/webshop .*exited/);
  t.equal(await root.ok(["images", "--format", "{{.Repository}}:{{.Tag}}", "kept"]), "kept:1");
  terminal.press("Escape");
  await terminal.see(/ old1 /);
}

async function removeSeveral(t: Test, { root, terminal }: Place): Promise<void> {
  await choose(terminal, "old");
  await terminal.see(/old1/);
  terminal.press("*", "d");
  await terminal.see(/Remove 2 containers\? old1 runs: ended at once/);
  terminal.press("F2");
  await terminal.see(/What it would do[\s\S]*process\.signal +ends old1/);
  terminal.press("Enter");
  await terminal.see(/Sure\?/);
  terminal.press("y");
  await terminal.see(/tsns rm --force old[12] old[12]: done/);
  terminal.press("Escape");
  await terminal.see(/ webshop /);
  t.equal(await root.ok(["ps", "-a", "--format", "{{.Names}}"]), "idle\nwebshop");
}

async function prune(t: Test, { root, terminal }: Place): Promise<void> {
  terminal.press("b");
  await terminal.see(/container idle does not run/);
  terminal.press("n");
  t.equal(await root.ok(["ps", "-a", "--filter", "name=idle", "--format", "{{.Names}}"]), "idle");
  terminal.press("b");
  await terminal.see(/container idle does not run/);
  terminal.press("y");
  await terminal.see(/Output[\s\S]*Total reclaimed space/);
  terminal.press("Enter");
  t.equal(await root.ok(["ps", "-aq"]), "");
}

async function pull(t: Test, { root, terminal, address }: Place): Promise<void> {
  terminal.press(":");
  await terminal.see(/words as in a shell/);
  await enter(terminal, `pull ${address}/${image}:latest`);
  await terminal.see(/Output[\s\S]*Status: [\s\S]*done/);
  terminal.press("Enter");
  t.match(await root.ok(["images", "--format", "{{.Repository}}"]), address);
}

async function listed(t: Test, { terminal }: Place): Promise<void> {
  // The upper left corner is whole: curves that come and go leave it alone.
  const [, number = ""] = await terminal.see(/^\[1 Containers\][^\n]* (\d) C(?:omm|md)[\s\S]*\n.+NAME +STATE/);
  terminal.press(number);
  for (const words of ["update --memory 64m web", "commit web kept:1", "rename web webshop", "stop webshop", "container prune --force"]) {
    await terminal.see(new RegExp(`tsns ${words} +done`));
  }
  t.notMatch(terminal.screen(), /--dry-run/, "looking is not listed");
  await terminal.see(/Output[\s\S]*Status: /);
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
}

t.test("actions", { ...needRoot, buffered: true }, async (t) => {
  const place = await makePlace(t);
  await t.test("limits, commit, rename, stop", (t) => changeOne(t, place));
  await t.test("several are removed at once, which is explained first", (t) => removeSeveral(t, place));
  await t.test("prune shows what it would remove, then asks", (t) => prune(t, place));
  await t.test("an image is pulled while one looks on", (t) => pull(t, place));
  await t.test("each stands in the list of commands", (t) => listed(t, place));
});
