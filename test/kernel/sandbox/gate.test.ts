import t from "tap";
import { parseAnswer } from "../../../src/kernel/sandbox/gate.ts";

t.test("only a program that was executed has been started", async (t) => {
  t.equal(parseAnswer("exec\n"), undefined);
  t.equal(parseAnswer("warning 3 rlimit setrlimit EPERM 7\nexec\n"), undefined);
  t.equal(parseAnswer(""), "lost");
  t.equal(parseAnswer("warning 3 rlimit setrlimit EPERM 7\n"), "lost");
  t.match(parseAnswer("exec\nerror 9 exec execve ENOEXEC sh\n"), { outcome: "failed", errno: "ENOEXEC" });
  t.match(parseAnswer("warning 3 rlimit setrlimit EPERM 7\nerror 4 hook exit ECHILD /h\n"), { outcome: "failed" });
});
