// Keys of the parts, of everything and of actions do not stand in each other's way.
import t from "tap";
import { asciiGlyphs } from "../../tui/draw/glyph.ts";
import { house } from "../../tui/house.ts";
import { updateByGlobalKey } from "../../tui/model/global-key.ts";
import { overlayEffects } from "../../tui/model/overlay.ts";
import { initialState } from "../../tui/model/state.ts";
import { keyOf, makeSurroundings } from "../fixture/dashboard.ts";

const state = initialState(house, { columns: 80, rows: 24 }, asciiGlyphs, 0);

t.test("a key of an action reaches it", async (t) => {
  for (const view of house.views) {
    const here = { ...state, view: view.name };
    for (const { name, key, also = [] } of view.actions) {
      for (const one of [key, ...also]) {
        const change = view.update(view.initial, { kind: "key", key: keyOf(one) }, makeSurroundings());
        const isTaken = !change.isUnused || updateByGlobalKey(house, here, one) || overlayEffects(house, here, one);
        t.notOk(isTaken, `${view.name}: ${name} (${one})`);
      }
    }
  }
});

t.test("names are told apart", async (t) => {
  const names = [...house.views, ...house.tabs].map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, actions } of house.views)
    t.equal(new Set(actions.map((action) => action.name)).size, actions.length, `actions of ${name}`);
});
