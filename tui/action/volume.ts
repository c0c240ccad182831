// What can be done to volumes. Pure.
import { confirmEffects } from "../dialog/confirm.ts";
import { formDialog } from "../dialog/form.ts";
import type { Action } from "../model/action.ts";
import { pruneAction } from "./prune.ts";
import { hitsOf, needsRows, references, some } from "./target.ts";

export const volumeActions: readonly Action[] = [
  {
    name: "create",
    key: "c",
    does: "create a volume",
    refusal: () => undefined,
    perform: () => [
      {
        kind: "open",
        dialog: formDialog({
          title: "Create a volume",
          fields: [
            { name: "name", title: "Name", hint: "empty: one is made up" },
            { name: "label", title: "Label", hint: "KEY=VALUE" },
          ],
          offer(filled) {
            const [name = "", label = ""] = [filled.name?.trim(), filled.label?.trim()];
            return {
              commands: [["volume", "create", ...(label === "" ? [] : ["--label", label]), ...(name === "" ? [] : [name])]],
              place: "quiet",
            };
          },
        }),
      },
    ],
  },
  {
    name: "remove",
    key: "d",
    also: ["delete"],
    does: "remove",
    refusal: needsRows,
    perform: (rows) =>
      confirmEffects({
        text: `Remove ${some(rows)} and all that is in ${rows.length === 1 ? "it" : "them"}?`,
        hits: hitsOf(rows),
        commands: () => [["volume", "rm", ...references(rows)]],
        place: "quiet",
      }),
  },
  pruneAction({
    name: "prune",
    does: "remove all that nobody uses",
    text: "Remove volumes that no container uses, with all that is in them?",
    words: ["volume", "prune"],
    switches: [{ key: "a", does: "also those with a name", option: "--all" }],
  }),
];
