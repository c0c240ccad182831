// Networks that another command removes while this one waits for its turn.
import { networkOwner } from "../../src/engine/network/make.ts";
import { deleteNetwork } from "../../src/store/network-record.ts";
import { sharingRoot } from "../fixture/busybox-scenario.ts";
import { type HeldLock, runBehind } from "../fixture/held-lock.ts";

const scenario = sharingRoot();

scenario("network rm says that there is none any more; system reset goes on", async (t, root) => {
  for (const name of ["other", "victim"]) await root.ok(["network", "create", "--config-only", name]);
  const held: HeldLock = { owner: networkOwner("victim"), operation: "network rm", done: (store) => deleteNetwork(store, "victim") };
  t.match(await runBehind(root, held, ["network", "rm", "victim"]), {
    code: 1,
    stdout: "",
    stderr: /^tsns: network victim not found .*\n$/,
  });
  await root.ok(["network", "create", "--config-only", "victim"]);
  t.match(await runBehind(root, held, ["system", "reset", "--force"]), { code: 0, stdout: "", stderr: "" });
});
