// The doctor right behind a removal: a monitor that has yet to end by itself is no leftover.
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();

scenario("a monitor that still waits for a client of its removed container", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "gone", "--network", "none", image, "sleep", "1000"]);
  // The path may have more bytes than the address of a socket takes.
  const directory = openSync(`${root.path}/containers/${id}`, "r");
  const client = connect({ path: `/proc/self/fd/${directory}/attach`, allowHalfOpen: true });
  t.teardown(() => {
    client.destroy();
    closeSync(directory);
  });
  client.on("error", () => {}); // the monitor lets go of it after a second
  await new Promise((done) => client.once("connect", done));
  await root.ok(["rm", "-f", "gone"]);
  t.match(await root.tsns(["doctor"]), { code: 0, stdout: "nothing is left over\n", stderr: "" });
});
