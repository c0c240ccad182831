// Output of ps(1): the lines of some processes.
import t from "tap";
import { parsePs, runPs } from "../../../src/kernel/proc/ps.ts";

const text = "  PID USER     COMMAND\n    1 root     init\n   42 web      sh -c  a b\n    - -        -\n   43 web      x\n";

t.test("lines whose PID is wanted, with their threads", async (t) => {
  t.same(parsePs(text, new Set([42])), {
    titles: ["PID", "USER", "COMMAND"],
    rows: [
      ["42", "web", "sh -c a b"],
      ["-", "-", "-"],
    ],
  });
  t.same(parsePs(text, new Set()).rows, []);
  t.throws(() => parsePs("USER\nroot\n", new Set([1])), { code: "no-pid-column", message: "Couldn't find PID field in ps output" });
});

t.test("this process, by the host's ps", async (t) => {
  t.match(parsePs(runPs(["-o", "pid,args", "-p", `${process.pid}`]), new Set([process.pid])).rows, [[`${process.pid}`, /node|tap|ps/]]);
  t.throws(() => runPs(["--no-such-option"]), { code: "ps-failed", message: /^error running ps: / });
});
