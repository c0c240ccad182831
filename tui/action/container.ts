// What can be done to containers. Keys as in lazydocker where it has one. Pure.
import { isLive } from "../../src/container/record.ts";
import { choiceDialog } from "../dialog/choice.ts";
import { confirmEffects } from "../dialog/confirm.ts";
import { formDialog, promptDialog } from "../dialog/form.ts";
import type { Action } from "../model/action.ts";
import { type CommandPlace, commandEffect, type Effect } from "../model/effect.ts";
import type { Chosen } from "../model/part.ts";
import { keepsSignals } from "../model/way-out.ts";
import { connectEffects, disconnectEffects, networksOfAll } from "./connection.ts";
import { limitForm } from "./limit.ts";
import { pruneAction } from "./prune.ts";
import { signals } from "./signal.ts";
import { hitsOf, needsOne, needsRows, references, some } from "./target.ts";

type Rows = readonly Chosen[];

const lives = ({ container }: Chosen): boolean => container !== undefined && isLive(container);
const rests = (row: Chosen): boolean => !lives(row);
const isPaused = ({ container }: Chosen): boolean => container?.paused === true && container.status === "running";
const runs = (row: Chosen): boolean => row.container?.status === "running" && !isPaused(row);

/** Why one of the rows, at least, must be such a one. */
const needs = (rows: Rows, is: (row: Chosen) => boolean, reason: string): string | undefined =>
  needsRows(rows) ?? (rows.some(is) ? undefined : reason);

const needsLive = (rows: Rows): string | undefined => needs(rows, lives, "it does not run");

/** One alone, in which a process can be started or talked to. */
const needsOneRunning = (rows: Rows): string | undefined =>
  needsOne(rows) ?? (rows.every(runs) ? undefined : rows.every(isPaused) ? "it is paused" : "it does not run");

const onAll = (verb: string, rows: Rows): readonly Effect[] => [commandEffect([verb, ...references(rows)])];

/** The same, asked first: what runs is ended or held up by it. Its key may have been meant for something else. */
const askedOnAll = (verb: string, rows: Rows, text: string): readonly Effect[] =>
  confirmEffects({ text, hits: hitsOf(rows), commands: () => [[verb, ...references(rows)]], place: "quiet" });

const onOne = (rows: Rows, words: (name: string) => readonly string[], place: CommandPlace): readonly Effect[] =>
  rows.slice(0, 1).map(({ reference }) => commandEffect(words(reference), place));

/** bash where the container has it. */
const shellWords = (name: string): readonly string[] => [
  "exec",
  "-it",
  name,
  "sh",
  "-c",
  "command -v bash >/dev/null && exec bash || exec sh",
];

/** Signals of a terminal are passed on to a container without one: then Ctrl-C would end it instead of leaving. */
function attachWords({ reference, container }: Chosen): readonly string[] {
  const spec = container?.record.spec;
  if (spec?.tty === false) return ["attach", keepsSignals, reference];
  return ["attach", ...(spec?.detachKeys === "" ? ["--detach-keys", "ctrl-p,ctrl-q"] : []), reference];
}

const attach = (rows: Rows, place: CommandPlace): readonly Effect[] =>
  rows.slice(0, 1).map((row) => commandEffect(attachWords(row), place));

function kill(rows: Rows): readonly Effect[] {
  const hit = rows.filter(lives);
  const dialog = choiceDialog({
    title: "Kill",
    text: `Which signal for ${hit.length > 1 ? `${some(hit)}: ${references(hit).join(" ")}` : some(hit)}?`,
    options: () => signals,
    offer: ({ name }) => ({
      commands: [["kill", ...(name === "SIGKILL" ? [] : ["--signal", name]), ...references(hit)]],
      place: "quiet",
    }),
  });
  return [{ kind: "open", dialog }];
}

function remove(rows: Rows): readonly Effect[] {
  const running = rows.filter(lives);
  const ended = running.length === 0 ? "" : ` ${running.length === 1 ? `${some(running)} runs` : `${running.length} run`}: ended at once.`;
  const note = (row: Chosen) => (lives(row) ? `${row.reference} (runs)` : row.reference);
  return confirmEffects({
    text: `Remove ${some(rows)}?${ended}`,
    hits: rows.length > 1 ? rows.map(note) : [],
    switches: [{ key: "v", does: "its anonymous volumes too" }],
    commands: (on) => [["rm", ...(running.length > 0 ? ["--force"] : []), ...(on.has("v") ? ["--volumes"] : []), ...references(rows)]],
    place: "quiet",
  });
}

function rename(rows: Rows): readonly Effect[] {
  const [name = ""] = references(rows);
  const dialog = promptDialog({
    title: "Rename",
    text: `Another name for ${name}:`,
    field: { name: "name", title: "Name", value: name },
    offer: (text) =>
      ["", name].includes(text.trim()) ? "write the other name" : { commands: [["rename", name, text.trim()]], place: "quiet" },
  });
  return [{ kind: "open", dialog }];
}

function commit(rows: Rows): readonly Effect[] {
  const [name = ""] = references(rows);
  const dialog = promptDialog({
    title: "Commit",
    text: `An image of what ${name} has changed:`,
    field: { name: "image", title: "Image", hint: "REPOSITORY[:TAG]; empty: without a name" },
    history: "image",
    offer: (text) => ({ commands: [["commit", name, ...(text.trim() === "" ? [] : [text.trim()])]], place: "quiet" }),
  });
  return [{ kind: "open", dialog }];
}

function stop(rows: Rows): readonly Effect[] {
  const hit = rows.filter(lives);
  return askedOnAll("stop", hit, `Stop ${some(hit)}?`);
}

/** Of those that do not run it is a start. */
function restart(rows: Rows): readonly Effect[] {
  return rows.some(lives) ? askedOnAll("restart", rows, `Restart ${some(rows)}?`) : onAll("restart", rows);
}

/** Pauses those that run; continues them when none does. */
function pauseOrContinue(rows: Rows): readonly Effect[] {
  const hit = rows.filter(runs);
  if (hit.length === 0) return onAll("unpause", rows.filter(isPaused));
  return askedOnAll("pause", hit, `Pause ${some(hit)}? p continues ${hit.length === 1 ? "it" : "them"}.`);
}

const life: readonly Action[] = [
  {
    name: "start",
    key: "S",
    does: "start",
    refusal: (rows) => needs(rows, rests, "it runs"),
    perform: (rows) => onAll("start", rows.filter(rests)),
  },
  { name: "stop", key: "s", does: "stop", refusal: needsLive, perform: stop },
  { name: "restart", key: "r", does: "restart", refusal: needsRows, perform: restart },
  {
    name: "pause",
    key: "p",
    does: "pause, continue",
    refusal: (rows) => needs(rows, (row) => runs(row) || isPaused(row), "it does not run"),
    perform: pauseOrContinue,
  },
  { name: "kill", key: "K", also: ["f9"], does: "kill, with a signal", refusal: needsLive, perform: kill },
  { name: "remove", key: "d", also: ["delete"], does: "remove", refusal: needsRows, perform: remove },
];

const inside: readonly Action[] = [
  { name: "shell", key: "E", does: "exec a shell", refusal: needsOneRunning, perform: (rows) => onOne(rows, shellWords, "pane") },
  {
    name: "shell on the terminal",
    key: "X",
    does: "exec a shell, whole terminal",
    refusal: needsOneRunning,
    perform: (rows) => onOne(rows, shellWords, "terminal"),
  },
  {
    name: "attach",
    key: "a",
    does: "attach; it is said how one leaves",
    refusal: needsOneRunning,
    perform: (rows) => attach(rows, "pane"),
  },
  {
    name: "attach on the terminal",
    key: "A",
    does: "attach, whole terminal",
    refusal: needsOneRunning,
    perform: (rows) => attach(rows, "terminal"),
  },
];

const changes: readonly Action[] = [
  { name: "rename", key: "R", does: "rename", refusal: needsOne, perform: rename },
  { name: "commit", key: "c", does: "commit to an image", refusal: needsOne, perform: commit },
  {
    name: "limits",
    key: "u",
    does: "change limits",
    refusal: needsRows,
    perform: (rows) => [{ kind: "open", dialog: formDialog(limitForm(rows)) }],
  },
  { name: "connect", key: "n", does: "put onto a network", refusal: needsRows, perform: connectEffects },
  {
    name: "disconnect",
    key: "N",
    does: "take off a network",
    refusal: (rows) => needsRows(rows) ?? (networksOfAll(rows).length === 0 ? "it is on no network" : undefined),
    perform: disconnectEffects,
  },
  pruneAction({
    name: "prune",
    does: "remove all that do not run",
    text: "Remove containers that do not run?",
    words: ["container", "prune"],
  }),
];

const looks: readonly Action[] = [
  { name: "logs", key: "m", does: "logs", refusal: needsRows, perform: () => [{ kind: "go", tab: "logs" }] },
  { name: "why", key: "w", does: "why it is as it is", refusal: needsRows, perform: () => [{ kind: "go", tab: "why" }] },
];

export const containerActions: readonly Action[] = [...life, ...inside, ...changes, ...looks];
