import t from "tap";
import { unicodeGlyphs } from "../../../tui/draw/glyph.ts";
import { house } from "../../../tui/house.ts";
import type { Message } from "../../../tui/model/message.ts";
import { initialState, surroundingsOf, viewOf } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";
import { keyOf } from "../../fixture/dashboard.ts";
import { fleet, fleetNowMs, idOf } from "../../fixture/fleet.ts";

function open() {
  let state = initialState(house, { columns: 80, rows: 24 }, unicodeGlyphs, fleetNowMs);
  const tell = (message: Message) => {
    ({ state } = update(house, state, message));
  };
  return {
    tell,
    press: (name: string) => tell({ kind: "key", key: keyOf(name) }),
    chosen: () => viewOf(house, state).chosen(state.parts[state.view], surroundingsOf(house, state, state.size, true))?.reference,
    view: () => state.view,
  };
}

const died = { type: "container", action: "die", id: idOf("db"), attributes: { name: "db" }, scope: "local", timeNano: 1n };
const containers: Message = { kind: "fed", fed: { feed: "containers", value: { containers: fleet } } };

t.test("a row that is gone to is chosen as soon as its view knows it, and not against a person", async (t) => {
  const { tell, press, chosen, view } = open();
  press("6");
  tell({ kind: "fed", fed: { feed: "events", value: { events: [died] } } });
  press("enter");
  t.same([view(), chosen()], ["containers", undefined]);
  tell(containers);
  t.equal(chosen(), "db");
  press("down");
  tell(containers);
  t.equal(chosen(), "cache");
});
