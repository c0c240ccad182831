// What can be done to images. Pure.
import { confirmEffects } from "../dialog/confirm.ts";
import { promptDialog } from "../dialog/form.ts";
import type { Action } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import { needsTerminal, splitWords } from "../model/words.ts";
import { pruneAction } from "./prune.ts";
import { hitsOf, needsOne, needsRows, references, some } from "./target.ts";

const firstOf = (rows: readonly { readonly reference: string }[]): string => rows[0]?.reference ?? "";

function pullDialog(): Effect {
  const dialog = promptDialog({
    title: "Pull",
    text: "Which image?",
    field: { name: "image", title: "Image", hint: "NAME[:TAG|@DIGEST]" },
    history: "image",
    offer: (text) => (text.trim() === "" ? "write the name of an image" : { commands: [["pull", text.trim()]], place: "watched" }),
  });
  return { kind: "open", dialog };
}

function runDialog(reference: string): Effect {
  const dialog = promptDialog({
    title: "Run",
    text: "Options, image and command of tsns run:",
    field: { name: "run", title: "run", value: `-it --rm ${reference} `, hint: "-d: in the background; -p 8080:80: publish a port" },
    history: "run",
    offer(text) {
      const split = splitWords(text);
      if ("problem" in split) return split.problem;
      const words = ["run", ...split.words];
      return { commands: [words], place: needsTerminal(words) ? "terminal" : "watched" };
    },
  });
  return { kind: "open", dialog };
}

export const imageActions: readonly Action[] = [
  {
    name: "run",
    key: "r",
    does: "run a container",
    refusal: needsOne,
    perform: (rows) => [runDialog(firstOf(rows))],
  },
  { name: "pull", key: "p", does: "pull an image", refusal: () => undefined, perform: () => [pullDialog()] },
  {
    name: "push",
    key: "u",
    does: "push to a registry",
    refusal: needsOne,
    perform(rows) {
      const dialog = promptDialog({
        title: "Push",
        text: `Push ${firstOf(rows)} as`,
        field: { name: "image", title: "Image", value: firstOf(rows), hint: "REGISTRY/NAME:TAG; another name is given first with t" },
        offer: (text) => (text.trim() === "" ? "write the name of an image" : { commands: [["push", text.trim()]], place: "watched" }),
      });
      return [{ kind: "open", dialog }];
    },
  },
  {
    name: "tag",
    key: "t",
    does: "give another name",
    refusal: needsOne,
    perform(rows) {
      const dialog = promptDialog({
        title: "Tag",
        text: `Another name for ${firstOf(rows)}:`,
        field: { name: "name", title: "Name", hint: "NAME[:TAG]" },
        history: "image",
        offer: (text) =>
          text.trim() === "" ? "write the other name" : { commands: [["tag", firstOf(rows), text.trim()]], place: "quiet" },
      });
      return [{ kind: "open", dialog }];
    },
  },
  {
    name: "remove",
    key: "d",
    also: ["delete"],
    does: "remove",
    refusal: needsRows,
    perform: (rows) =>
      confirmEffects({
        text: `Remove ${some(rows)}?`,
        hits: hitsOf(rows),
        switches: [{ key: "f", does: "also where stopped containers use it" }],
        commands: (on) => [["rmi", ...(on.has("f") ? ["--force"] : []), ...references(rows)]],
        place: "quiet",
      }),
  },
  pruneAction({
    name: "prune",
    does: "remove all that nobody uses",
    text: "Remove images that nobody uses?",
    words: ["image", "prune"],
    switches: [{ key: "a", does: "also those with a name", option: "--all" }],
  }),
];
