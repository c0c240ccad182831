import t from "tap";
import { abilityOf } from "../../../tui/screen/ability.ts";
import { asksBackground, isLightAnswer, openBackground } from "../../../tui/screen/background.ts";

t.test("whom to ask", async (t) => {
  for (const TERM of ["xterm", "xterm-256color", "screen-256color", "tmux-256color", "foot"]) t.ok(asksBackground({ TERM }, 256, {}), TERM);
  for (const TERM of ["linux", "vt100", "eterm-color", "cygwin"]) t.notOk(asksBackground({ TERM }, 16, {}), TERM);
  const TERM = "xterm";
  t.notOk(asksBackground({ TERM, COLORFGBG: "15;0" }, 256, {}), "somebody has said it");
  t.notOk(asksBackground({ TERM }, 0, {}), "nothing depends on it");
  for (const theme of ["dark", "light"] as const) t.notOk(asksBackground({ TERM }, 256, { theme }));
});

t.test("what is light", async (t) => {
  for (const colour of ["ffff/ffff/ffff", "ff/ff/ff", "f/f/f", "fdfd/f6f6/e3e3", "eeee/eeee/ecec", "0000/ffff/0000", "8080/8080/8080"])
    t.equal(isLightAnswer(`11;rgb:${colour}`), true, colour);
  for (const colour of ["0000/0000/0000", "0/0/0", "0000/2b2b/3636", "3030/0a0a/2424", "0000/0000/ffff", "7070/7070/7070"])
    t.equal(isLightAnswer(`11;rgb:${colour}`), false, colour);
  t.equal(isLightAnswer("11;rgba:ffff/ffff/ffff/8000"), true);
  for (const other of ["10;rgb:ff/ff/ff", "11;?", "11;white", "11;rgb:ff/ff", "11;rgb:fffff/0/0", "11;rgb:gg/ff/ff", "", "52;c;eA=="])
    t.equal(isLightAnswer(other), undefined, other);
});

t.test("told when it is another", async (t) => {
  const env = { TERM: "xterm" };
  const told: boolean[] = [];
  const { question, answered } = openBackground({ env }, abilityOf(env, undefined), (isLight) => told.push(isLight));
  t.equal(question, "\x1b]11;?\x1b\\");
  for (const colour of ["0/0/0", "f/f/f", "f/f/e", "0/0/0"]) answered(`11;rgb:${colour}`);
  t.same(told, [true, false]);
  const dark = openBackground({ env, theme: "dark" }, abilityOf(env, undefined), () => t.fail("nobody has asked"));
  t.equal(dark.question, "");
  dark.answered("11;rgb:f/f/f");
});
