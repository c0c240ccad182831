// Who serves the names: its end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import t from "tap";
import { nameServerLock, stopNameServer } from "../../../src/engine/name/seat.ts";
import { isRunning, readStartTime } from "../../../src/kernel/proc/identity.ts";
import { writeHolder } from "../../../src/store/operation-lock.ts";
import { openTestEngine } from "../../fixture/store.ts";

t.test("a server that ends by itself between the look at it and the signal", async (t) => {
  const engine = openTestEngine(t);
  const server = spawn("sleep", ["1000"], { stdio: "ignore" });
  await once(server, "spawn");
  const pid = server.pid ?? 0;
  const holder = { pid, startTime: readStartTime(pid) ?? 0 };
  writeHolder(engine.store, nameServerLock, { name: "dns serve", ...holder });
  const { kill } = process;
  t.teardown(() => {
    process.kill = kill;
  });
  process.kill = () => {
    process.kill = kill;
    server.kill("SIGKILL");
    throw Object.assign(new Error("kill ESRCH"), { code: "ESRCH", errno: -3, syscall: "kill" });
  };
  await stopNameServer(engine);
  t.notOk(isRunning(holder));
});
