import t from "tap";
import type { LiveNetworks } from "../../../src/engine/live/network.ts";
import { containerActions } from "../../../tui/action/container.ts";
import type { Chosen } from "../../../tui/model/part.ts";
import { containerRow, dialogIn, makeSurroundings, openDialog, runningRow, wordsOf } from "../../fixture/dashboard.ts";
import { makeRecord, makeSpec } from "../../fixture/request.ts";

const [web, db] = [runningRow("web"), runningRow("db")];
const old = containerRow("old", { status: "exited" });
const frozen = runningRow("frozen", { paused: true });
const again = containerRow("again", { status: "restarting" });

function find(name: string) {
  const action = containerActions.find((candidate) => candidate.name === name);
  if (!action) throw new Error(`no action ${name}`);
  return action;
}

const perform = (name: string, rows: readonly Chosen[], fed = {}) => find(name).perform(rows, makeSurroundings({ fed }));

t.test("what ends nothing is a command at once, for all rows that it means something for", async (t) => {
  t.same(wordsOf(perform("start", [web, old])), ["start old"]);
  t.same(wordsOf(perform("restart", [old])), ["restart old"]);
  t.same(wordsOf(perform("pause", [frozen, old])), ["unpause frozen"]);
  t.match(perform("logs", [web]), [{ kind: "go", tab: "logs" }]);
});

t.test("what ends or holds up something that runs asks first", async (t) => {
  for (const [name, rows, question, words] of [
    ["stop", [web, old, again], "Stop 2 containers?", "stop web again"],
    ["stop", [frozen], "Stop frozen?", "stop frozen"],
    ["restart", [web, old], "Restart 2 containers?", "restart web old"],
    ["pause", [web, frozen, old], "Pause web? p continues it.", "pause web"],
  ] as const) {
    const asked = perform(name, rows);
    t.same(wordsOf(asked), [], `${name} does nothing yet`);
    const dialog = openDialog(dialogIn(asked));
    t.equal(dialog.lines()[0], question);
    t.same(wordsOf(dialog.press("n")), []);
    t.same(wordsOf(dialog.press("y")), [words]);
  }
  t.match(openDialog(dialogIn(perform("stop", [web, old, again]))).lines(), { 2: "  web", 3: "  again" }, "those that are hit");
});

t.test("no key of an action changes what runs by itself", async (t) => {
  const harmless = new Set(["exec", "attach"]);
  for (const { name, refusal, perform } of containerActions) {
    if (refusal([web]) !== undefined) continue;
    for (const effect of perform([web], makeSurroundings())) {
      if (effect.kind === "command" && effect.place !== "aside")
        t.ok(harmless.has(effect.words[0] ?? ""), `${name} runs ${effect.words.join(" ")}`);
    }
  }
});

t.test("what means nothing says why", async (t) => {
  for (const [name, rows, why] of [
    ["stop", [old], "it does not run"],
    ["stop", [], "nothing is chosen"],
    ["start", [web], "it runs"],
    ["pause", [again], "it does not run"],
    ["shell", [frozen], "it is paused"],
    ["shell", [web, db], "for one at a time"],
    ["attach", [again], "it does not run"],
    ["rename", [web, db], "for one at a time"],
    ["disconnect", [containerRow("x", { record: makeRecord({ spec: makeSpec({ attachments: [] }) }) })], "it is on no network"],
  ] as const)
    t.equal(find(name).refusal(rows), why, name);
  for (const { name, refusal } of containerActions)
    if (name !== "start") t.equal(refusal([name === "unpause" ? frozen : web]), undefined, name);
  t.equal(find("prune").refusal([]), undefined);
});

t.test("a shell, in the pane and on the terminal", async (t) => {
  const [pane] = perform("shell", [web]);
  const [terminal] = perform("shell on the terminal", [web]);
  t.match(pane, { kind: "command", place: "pane", words: ["exec", "-it", "web", "sh", "-c", /bash/] });
  t.match(terminal, { kind: "command", place: "terminal" });
  t.match(perform("attach", [web]), [{ place: "pane", words: ["attach", "--sig-proxy=false", "web"] }], "Ctrl-C is not to end it");
  const withTerminal = (detachKeys: string) => runningRow("web", { record: makeRecord({ spec: makeSpec({ tty: true, detachKeys }) }) });
  t.match(perform("attach", [withTerminal("ctrl-p,ctrl-q")]), [{ place: "pane", words: ["attach", "web"] }]);
  t.match(perform("attach on the terminal", [withTerminal("")]), [
    { place: "terminal", words: ["attach", "--detach-keys", "ctrl-p,ctrl-q", "web"] },
  ]);
});

t.test("kill asks for the signal", async (t) => {
  const kill = () => openDialog(dialogIn(perform("kill", [web, old, db])));
  t.match(kill().lines()[0], "Which signal for 2 containers: web db?");
  t.same(wordsOf(kill().press("enter")), ["kill web db"]);
  t.same(wordsOf(kill().type("usr1")), []);
  const other = kill();
  other.type("usr1");
  t.same(wordsOf(other.press("enter")), ["kill --signal SIGUSR1 web db"]);
});

t.test("remove asks, lists what is hit, and says what runs", async (t) => {
  const dialog = openDialog(dialogIn(perform("remove", [web, old])));
  t.same(dialog.lines(), [
    "Remove 2 containers? web runs: ended at once.",
    "",
    "  web (runs)",
    "  old",
    "",
    "v [ ] its anonymous volumes too",
    "$ tsns rm --force web old",
    "",
    "y yes   n no   F2 explain",
  ]);
  dialog.press("v");
  t.same(wordsOf(dialog.press("y")), ["rm --force --volumes web old"]);
  t.same(wordsOf(openDialog(dialogIn(perform("remove", [old]))).press("enter")), ["rm old"]);
  t.match(openDialog(dialogIn(perform("remove", [old]))).press("n"), [{ kind: "close" }]);
});

t.test("rename and commit", async (t) => {
  const rename = openDialog(dialogIn(perform("rename", [web])));
  t.same(wordsOf(rename.press("enter")), []);
  t.match(rename.lines(), [/Another name for web/, /web/, /.*/, "write the other name"]);
  rename.type("2");
  t.same(wordsOf(rename.press("enter")), ["rename web web2"]);
  const commit = openDialog(dialogIn(perform("commit", [web])));
  commit.type("mine:1");
  t.match(commit.press("enter"), [
    { kind: "remember", field: "image", text: "mine:1" },
    { kind: "close" },
    { words: ["commit", "web", "mine:1"] },
  ]);
  t.same(wordsOf(openDialog(dialogIn(perform("commit", [web]))).press("enter")), ["commit web"]);
});

t.test("disconnect offers the networks that the containers are on", async (t) => {
  const on = (name: string, ...networks: readonly string[]) =>
    runningRow(name, { record: makeRecord({ name, spec: makeSpec({ attachments: networks.map((network) => ({ network })) }) }) });
  const dialog = openDialog(dialogIn(perform("disconnect", [on("a", "front", "back"), on("b", "back")])));
  dialog.press("down");
  t.same(wordsOf(dialog.press("enter")), ["network disconnect back a", "network disconnect back b"]);
  dialog.press("up");
  t.same(wordsOf(dialog.press("enter")), ["network disconnect front a"]);
});

t.test("connect offers the networks that there are", async (t) => {
  const networks = [
    ["back", "1"],
    ["front", "2"],
    ["host", "3"],
    ["virbr0", ""],
  ].map(([name, id]) => ({ name, id, driver: "bridge", subnets: ["172.30.0.0/16"] }));
  const record = makeRecord({ name: "a", spec: makeSpec({ attachments: [{ network: "front" }] }) });
  const rows = [runningRow("a", { record }), web];
  const dialog = openDialog(dialogIn(perform("connect", rows)));
  t.equal(dialog.lines()[2], "  reading ...");
  dialog.tell({ fed: { networks: { networks } as unknown as LiveNetworks } });
  t.match(dialog.lines(), { 2: /> back +bridge 172\.30/, 3: /^ {2}front +bridge/, 4: "" });
  t.same(wordsOf(dialog.press("enter")), ["network connect back a", "network connect back web"]);
  t.same(wordsOf(dialog.press("down", "enter")), ["network connect front web"], "not for the one that is on it");
});

t.test("limits: only what is changed becomes an option", async (t) => {
  const limited = (name: string, memoryBytes: number) =>
    runningRow(name, {
      record: makeRecord({
        name,
        spec: makeSpec({
          resources: { devices: "default", memoryBytes, memorySwapBytes: -1, nanoCpus: 500_000_000, pidsLimit: 100 },
          restart: { policy: "on-failure", max: 3 },
        }),
      }),
    });
  const open = (...rows: readonly Chosen[]) => openDialog(dialogIn(perform("limits", rows)));
  const form = open(limited("a", 512 * 1024 ** 2));
  t.same(
    form
      .lines()
      .slice(1, 7)
      .map((line) => line.replace(/^[> ] /, "").replace(/ +/g, " ")),
    ["Memory 512m", "Memory + swap -1", "CPUs 0.5", "CPU shares", "Processes 100", "Restart on-failure:3"],
  );
  t.same(wordsOf(form.press("enter")), []);
  form.press("backspace", "backspace", "backspace", "backspace");
  t.same(wordsOf(form.press("enter")), []);
  t.match(form.lines().at(-1), /can be changed, not lifted/);
  form.type("1g");
  form.press("tab", "down", "down", "tab");
  form.press("C-u");
  t.same(wordsOf(form.press("enter")), ["update --memory 1g --pids-limit -1 a"]);
  const both = open(limited("a", 1024), limited("b", 2048));
  t.match(both.lines()[1], /Memory *$/, "where they differ there is nothing");
  both.type("3000k");
  t.same(wordsOf(both.press("enter")), ["update --memory 3000k a b"]);
});
