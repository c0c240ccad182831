// Actions of images, networks and volumes: rows become words.
import t from "tap";
import { imageActions } from "../../../tui/action/image.ts";
import { networkActions } from "../../../tui/action/network.ts";
import { systemPruneAction } from "../../../tui/action/prune.ts";
import { volumeActions } from "../../../tui/action/volume.ts";
import type { Action } from "../../../tui/model/action.ts";
import type { Chosen } from "../../../tui/model/part.ts";
import { containerRow, dialogIn, makeEntry, makeSurroundings, openDialog, wordsOf } from "../../fixture/dashboard.ts";
import { makeRecord, makeSpec, makeState } from "../../fixture/request.ts";

const row = (kind: Chosen["kind"], reference: string): Chosen => ({ kind, reference, id: reference });

function open(actions: readonly Action[], name: string, rows: readonly Chosen[], given = {}) {
  const action = actions.find((candidate) => candidate.name === name);
  if (!action) throw new Error(`no action ${name}`);
  t.equal(action.refusal(rows), undefined, `${name} means something`);
  return openDialog(dialogIn(action.perform(rows, makeSurroundings(given))), given);
}

t.test("images", async (t) => {
  const [bb, deb] = [row("image", "bb:1"), row("image", "debian:12")];
  const pull = open(imageActions, "pull", []);
  t.same(wordsOf(pull.press("enter")), []);
  pull.type("alpine ");
  t.match(pull.press("enter").at(-1), { words: ["pull", "alpine"], place: "watched" });
  const run = open(imageActions, "run", [bb]);
  run.type("sh");
  t.match(run.press("enter").at(-1), { words: ["run", "-it", "--rm", "bb:1", "sh"], place: "terminal" });
  run.press("C-u");
  run.type("-d bb:1 'a b'");
  t.match(run.press("enter").at(-1), { words: ["run", "-d", "bb:1", "a b"], place: "watched" });
  t.match(open(imageActions, "push", [bb]).press("enter").at(-1), { words: ["push", "bb:1"], place: "watched" });
  const tag = open(imageActions, "tag", [bb]);
  tag.type("mine:2");
  t.same(wordsOf(tag.press("enter")), ["tag bb:1 mine:2"]);
  const remove = open(imageActions, "remove", [bb, deb]);
  t.same(wordsOf(remove.press("y")), ["rmi bb:1 debian:12"]);
  remove.press("f");
  t.same(wordsOf(remove.press("y")), ["rmi --force bb:1 debian:12"]);
});

t.test("networks", async (t) => {
  const front = row("network", "front");
  const create = open(networkActions, "create", []);
  t.same(wordsOf(create.press("enter")), []);
  t.match(create.lines().at(-1), "write a name");
  create.type("back");
  create.press("tab");
  create.type("172.30.0.0/16");
  create.press("down", "down", "down", "space");
  t.same(wordsOf(create.press("enter")), ["network create --subnet 172.30.0.0/16 --internal back"]);
  const onFront = makeState({ record: makeRecord({ name: "a", spec: makeSpec({ attachments: [{ network: "front" }] }) }) });
  const elsewhere = containerRow("b").container;
  const fed = { containers: { containers: elsewhere ? [onFront, elsewhere] : [] } };
  t.same(wordsOf(open(networkActions, "connect", [front], { fed }).press("enter")), ["network connect front b"]);
  t.same(wordsOf(open(networkActions, "disconnect", [front], { fed }).press("enter")), ["network disconnect front a"]);
  t.match(open(networkActions, "connect", [front]).lines()[2], "reading ...");
  t.same(wordsOf(open(networkActions, "remove", [front, row("network", "bridge")]).press("y")), ["network rm front"]);
  const refusal = (name: string, reference: string) =>
    networkActions.find((action) => action.name === name)?.refusal([row("network", reference)]);
  t.equal(refusal("remove", "host"), "it is always there");
  t.match(refusal("connect", "none"), /from their creation on/);
});

t.test("volumes", async (t) => {
  const create = open(volumeActions, "create", []);
  t.same(wordsOf(create.press("enter")), ["volume create"]);
  create.type("data");
  create.press("tab");
  create.type("a=b");
  t.same(wordsOf(create.press("enter")), ["volume create --label a=b data"]);
  t.same(wordsOf(open(volumeActions, "remove", [row("volume", "data"), row("volume", "more")]).press("y")), ["volume rm data more"]);
});

t.test("prune shows first what it would remove", async (t) => {
  const effects = systemPruneAction.perform([], makeSurroundings());
  const asked = effects.find((effect) => effect.kind === "command");
  t.match(asked, { words: ["system", "prune", "--dry-run"], place: "aside", label: "system prune --dry-run" });
  const dialog = openDialog(dialogIn(effects));
  t.match(dialog.lines(), ["Remove stopped containers, unused networks and dangling images?", "", "..."]);
  const preview = makeEntry(["system", "prune", "--dry-run"], {
    place: "aside",
    label: "system prune --dry-run",
    output: "1.  tree.remove  old\n",
  });
  dialog.tell({ commands: [preview] });
  t.match(dialog.lines()[2], "1.  tree.remove  old");
  t.match(dialog.press("a"), [{ kind: "command", words: ["system", "prune", "--dry-run", "--all"], place: "aside" }]);
  t.match(dialog.lines()[2], "...", "what it would remove now is not known yet");
  t.same(wordsOf(dialog.press("y")), ["system prune --force --all"]);
  for (const [actions, words] of [
    [imageActions, "image prune --force"],
    [networkActions, "network prune --force"],
    [volumeActions, "volume prune --force"],
  ] as const)
    t.same(wordsOf(open(actions, "prune", []).press("y")), [words]);
});
