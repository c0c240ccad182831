import t from "tap";
import { scrolled } from "../../../tui/dialog/scroll.ts";
import { keyOf } from "../../fixture/dashboard.ts";

const press = (name: string, top: number) => scrolled(top, { kind: "key", key: keyOf(name) }, 10, 4);
const wheel = (action: "up" | "down" | "press", top: number) =>
  scrolled(top, { kind: "mouse", mouse: { action, column: 0, row: 0 } }, 10, 4);

t.test("keys and the wheel move within the lines there are", async (t) => {
  t.same(
    ["down", "j", "up", "k", "pagedown", "C-f", "space", "pageup", "C-b", "home", "g", "end", "G"].map((name) => press(name, 3)),
    [4, 4, 2, 2, 6, 6, 6, 0, 0, 0, 0, 6, 6],
  );
  t.same([wheel("up", 3), wheel("down", 3), wheel("press", 3)], [0, 6, undefined]);
  t.equal(press("x", 3), undefined);
  t.equal(press("up", 0), 0);
});

t.test("where lines have gone, from the last that are left", async (t) => {
  t.equal(press("up", 50), 5);
  t.equal(press("pageup", 50), 3);
  t.equal(wheel("up", 50), 3);
});
