// Where programs are looked for.
import t from "tap";
import { systemFolders, systemPath } from "../../../src/kernel/proc/search-path.ts";

t.test("sbin follows a usual path", async (t) => {
  t.equal(systemPath("/usr/local/bin:/usr/bin:/bin:/usr/games"), "/usr/local/bin:/usr/bin:/bin:/usr/games:/usr/sbin:/sbin");
  t.equal(systemPath("/opt/x:/bin"), "/opt/x:/bin:/usr/sbin:/sbin");
});

t.test("a path without usual directories is taken as it is", async (t) => {
  for (const path of ["/nonexistent", "", "/bin2:/usr/binary", "/opt/bin"]) t.equal(systemPath(path), path);
});

t.test("directories, each once", async (t) => {
  t.same(systemFolders("/usr/sbin::/bin:/bin"), ["/usr/sbin", "/bin", "/sbin"]);
  t.same(systemFolders(""), []);
});
