import t from "tap";
import { createTicking } from "../../tui/tick.ts";

t.test("time is drawn more rarely while it changes nothing", async (t) => {
  const ticking = createTicking();
  const due = (seconds: number, hasChanged: boolean) =>
    Array.from({ length: seconds }, () => {
      const isDue = ticking.isDue();
      if (isDue) ticking.drawn(hasChanged);
      return isDue ? "|" : ".";
    }).join("");
  t.equal(due(5, true), "|||||");
  t.equal(due(13, false), "|||....|....|");
  ticking.drawn(true);
  t.equal(due(3, true), "|||", "something has happened");
});
