// What lies on top of the screen at a key, wherever the focus is: the help, the menu of actions, the prompt for a command. Pure.
import { promptEffects } from "../dialog/command-line.ts";
import type { Effect } from "./effect.ts";
import type { House, State } from "./state.ts";

/** Undefined for keys that open nothing. */
export function overlayEffects(_house: House, _state: State, key: string): readonly Effect[] | undefined {
  return key === ":" ? promptEffects() : undefined;
}
