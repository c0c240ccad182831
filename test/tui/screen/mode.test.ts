import { readFileSync } from "node:fs";
import t from "tap";
import { modesOf } from "../../../tui/screen/mode.ts";
import { parseTerminfo } from "../../../tui/screen/terminfo.ts";

const infoOf = (term: string) => parseTerminfo(readFileSync(`/lib/terminfo/${term[0]}/${term}`));

t.test("xterm and its like have a mouse and marked pastes", async (t) => {
  for (const term of ["xterm", "screen", "tmux-256color"]) {
    const modes = modesOf(term, infoOf(term), true);
    t.same([modes.on, modes.off], ["\x1b[?2004h\x1b[?1000h\x1b[?1006h", "\x1b[?2004l\x1b[?1006l\x1b[?1000l"]);
    t.match(modes.tracking, { press: /\?1003l.*\?1000h$/, drag: /\?1003l.*\?1002h$/, any: /\?1003h$/ });
    t.match(modes.last, /^\x1b\[r.*\x1b\[\?1049l$/);
  }
  const without = modesOf("xterm-kitty", undefined, false);
  t.equal(without.on, "\x1b[?2004h", "the mouse stays the terminal's");
  t.same(without.tracking, { press: "", drag: "", any: "" });
});

t.test("others get nothing but what terminfo tells", async (t) => {
  t.same(modesOf("vt100", infoOf("vt100"), true), {
    on: "",
    off: "",
    tracking: { press: "", drag: "", any: "" },
    sober: "\x1b[m\x0f\x1b[?1l\x1b>\x1b[?7h",
    margins: "",
    last: "\x1b[m\x0f\x1b[?1l\x1b>\x1b[?7h",
  });
  t.notMatch(JSON.stringify(modesOf("linux", infoOf("linux"), true)), /\?(?:1000|1006|2004|1049)/);
});
