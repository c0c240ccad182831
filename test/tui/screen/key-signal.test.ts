import t from "tap";
import { openKeySignals } from "../../../tui/screen/key-signal.ts";
import { openTty } from "../../../tui/screen/tty.ts";
import { waitFor } from "../../fixture/wait.ts";

t.test("lent, and for some turns afterwards, they are another's", async (t) => {
  const acts: (() => void)[] = [];
  const signals = openKeySignals((act) => acts.push(act));
  const turn = () => acts.shift()?.();
  t.ok(signals.areOurs);
  signals.lend();
  t.notOk(signals.areOurs);
  signals.takeBack();
  t.notOk(signals.areOurs, "the end may be known before the signal");
  turn();
  signals.lend();
  signals.takeBack();
  t.equal(acts.length, 1, "one at a time counts");
  while (acts.length > 0) {
    t.notOk(signals.areOurs);
    turn();
  }
  t.ok(signals.areOurs);
  signals.lend();
  signals.takeBack();
  t.notOk(signals.areOurs, "the next time as well");
});

t.test("Ctrl-C that ended a program on the whole terminal does not end the dashboard that learns of it late", async (t) => {
  const ended: (string | undefined)[] = [];
  const nothing = () => {};
  const end = (error: Error | undefined) => void (error && ended.push(error.message));
  using tty = openTty({ input: nothing, resize: nothing, idle: nothing, end, stop: nothing, continued: nothing });
  tty.lent = true;
  process.emit("SIGINT");
  tty.lent = false;
  process.emit("SIGINT");
  process.emit("SIGQUIT");
  t.same(ended, []);
  process.emit("SIGTERM");
  t.same(ended, ["ended by SIGTERM"], "others do");
  await waitFor("one that is meant for the dashboard", () => {
    process.emit("SIGINT");
    return ended.includes("ended by SIGINT");
  });
});
