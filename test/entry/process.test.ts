import t from "tap";
import { run } from "./process.mjs";

t.test("what a program said, though a process that it left behind has its output open", async (t) => {
  const { code, output } = await run(["sh", "-c", "sleep 1000 & echo $!; exit 3"], { silenceMs: 500 });
  t.equal(code, 3);
  t.match(output, /^\d+\n$/);
  t.ok(process.kill(Number(output), "SIGKILL"), "it is still there");
});

t.test("what comes late is waited for", async (t) => {
  const script = "(for at in 1 2 3 4; do sleep 0.2; echo late; done) & exit 0";
  t.match(await run(["sh", "-c", script], { silenceMs: 10_000 }), { code: 0, output: "late\n".repeat(4) });
  t.match(await run(["/nowhere/program"]), { code: 127, output: /ENOENT/ });
});
