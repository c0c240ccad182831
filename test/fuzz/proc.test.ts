// Parsers of /proc against names and texts a hostile process can choose.
import fc from "fast-check";
import t from "tap";
import { parseHostCpu, parseMeminfo } from "../../src/kernel/proc/host.ts";
import { parseNetDev } from "../../src/kernel/proc/net-dev.ts";
import { parsePasswd } from "../../src/kernel/proc/passwd.ts";
import { parseCommandLine } from "../../src/kernel/proc/process.ts";
import { parseProcessStat } from "../../src/kernel/proc/stat.ts";
import { parseProcessStatus } from "../../src/kernel/proc/status.ts";

const numbers = Array.from({ length: 49 }, (_, index) => `${index + 4}`).join(" ");

t.test("no process name fakes a field", async (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 15 }), fc.constantFrom(") R 1 1 (", "((", "))")), (comm) => {
      const stat = parseProcessStat(`77 (${comm}) S ${numbers}\n`);
      return stat?.comm === comm && stat.pid === 77 && stat.state === "S" && stat.parentPid === 4 && stat.startTicks === 22;
    }),
  );
  t.pass();
});

t.test("noise", async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      parseProcessStat(text);
      parseProcessStatus(text);
      parseMeminfo(text);
      parsePasswd(text);
      parseCommandLine(text);
      const host = parseHostCpu(text);
      const finite = Number.isFinite(host.totalNanos) && parseNetDev(text).every((link) => Number.isFinite(link.sentBytes));
      return finite;
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test("a name in status adds no credentials", async (t) => {
  // the kernel escapes newlines and backslashes in Name: (string_escape_str), nothing else
  const name = fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replaceAll("\n", "\\n"));
  fc.assert(
    fc.property(name, (comm) => {
      const status = parseProcessStatus(`Name:\t${comm}\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n`);
      return JSON.stringify([status?.uids, status?.gids]) === "[[1,2,3,4],[5,6,7,8]]";
    }),
  );
  t.pass();
});
