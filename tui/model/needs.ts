// Everything that is to be fed for what is on the screen now. Pure.
import { insideOf } from "../draw/panel.ts";
import { dialogArea } from "../draw/screenful.ts";
import { layoutOf } from "./layout.ts";
import { mergeNeeds, type Need } from "./need.ts";
import { type House, hasSubject, type State, surroundingsOf, tabOf, viewOf } from "./state.ts";

export function needsOf(house: House, state: State): readonly Need[] {
  const layout = layoutOf(house, state);
  const view = viewOf(house, state);
  const tab = tabOf(house, state);
  // The chosen row is the view's to know, also where a tab fills the screen.
  const viewAround = surroundingsOf(house, state, insideOf(layout.view ?? state.size), state.focus === "view");
  const tabAround = surroundingsOf(house, state, insideOf(layout.tab ?? state.size), state.focus === "tab");
  return mergeNeeds([
    // The line on top counts them.
    { kind: "containers" },
    ...view.needs(state.parts[view.name], viewAround),
    ...(tab && layout.tab && hasSubject(tab, tabAround) ? tab.needs(state.parts[tab.name], tabAround) : []),
    ...state.dialogs.flatMap((dialog) =>
      dialog.part.needs(dialog.state, surroundingsOf(house, state, insideOf(dialogArea(dialog, state.size)), true)),
    ),
  ]);
}
