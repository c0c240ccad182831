// Removing what nobody uses: what that would be is shown first. Pure.
import { confirmEffects, type Switch } from "../dialog/confirm.ts";
import type { Action } from "../model/action.ts";

export interface PruneAction {
  readonly name: string;
  readonly does: string;
  readonly text: string;
  /** `image prune`. */
  readonly words: readonly string[];
  /** Options that can be switched on, by the key of the switch. */
  readonly switches?: readonly (Switch & { readonly option: string })[];
}

export const pruneAction = ({ name, does, text, words, switches = [] }: PruneAction): Action => ({
  name,
  // lazydocker's for what is done to many.
  key: "b",
  does,
  refusal: () => undefined,
  perform() {
    const command = (on: ReadonlySet<string>, ...options: readonly string[]) => [
      ...words,
      ...options,
      ...switches.filter(({ key }) => on.has(key)).map(({ option }) => option),
    ];
    return confirmEffects({
      text,
      switches,
      commands: (on) => [command(on, "--force")],
      preview: (on) => command(on, "--dry-run"),
      place: "watched",
    });
  },
});

/** Of containers, networks and images together. */
export const systemPruneAction = pruneAction({
  name: "system prune",
  does: "remove all that nobody uses",
  text: "Remove stopped containers, unused networks and dangling images?",
  words: ["system", "prune"],
  switches: [
    { key: "a", does: "all images that no container uses", option: "--all" },
    { key: "v", does: "anonymous volumes too", option: "--volumes" },
  ],
});
