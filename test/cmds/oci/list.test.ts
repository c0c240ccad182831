import t from "tap";
import { renderViews } from "../../../cmds/oci/list.ts";

t.test("runc's columns", async (t) => {
  const view = {
    ociVersion: "1.2.0",
    bundle: "/b",
    rootfs: "/b/rootfs",
    created: "2026-01-01T00:00:00.000Z",
    annotations: {},
    owner: "root",
  };
  const text = renderViews([
    { ...view, id: "short", pid: 12, status: "running" },
    { ...view, id: "a-name-that-is-longer", pid: 0, status: "stopped" },
  ]);
  t.equal(
    text,
    "ID                      PID         STATUS      BUNDLE      CREATED                    OWNER\n" +
      "short                   12          running     /b          2026-01-01T00:00:00.000Z   root\n" +
      "a-name-that-is-longer   0           stopped     /b          2026-01-01T00:00:00.000Z   root\n",
  );
});
