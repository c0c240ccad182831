// Recorded on Linux 6.18: a listener on [::]:8080 with one connection, one on 127.0.0.1:5432, a UDP and some Unix sockets.
import { readFileSync } from "node:fs";
import t from "tap";
import { parseDockerName, parsePodmanNames } from "../../../src/kernel/proc/foreign.ts";
import { parseReceivers, parseSocketRows } from "../../../src/kernel/proc/inet-socket.ts";
import { inodeOfLink } from "../../../src/kernel/proc/namespace.ts";
import { parseNamespaceMounts } from "../../../src/kernel/proc/namespace-file.ts";
import { parseHolder } from "../../../src/kernel/proc/namespace-holder.ts";
import { parseRelations } from "../../../src/kernel/proc/namespace-relation.ts";
import { parseInet6 } from "../../../src/kernel/proc/net-address.ts";
import { describeRow, parseUnixSockets } from "../../../src/kernel/proc/socket.ts";

const fixture = (name: string) => readFileSync(new URL(`fixture/${name}`, import.meta.url), "utf8");

const inWords = (text: string) => parseSocketRows(text).map(describeRow);

t.test("internet sockets", async (t) => {
  t.same(inWords(fixture("net-tcp")), [
    { local: "127.0.0.1", localPort: 5432, remote: "0.0.0.0", remotePort: 0, state: "listen", inode: 3_180_265 },
    { local: "127.0.0.1", localPort: 38_880, remote: "127.0.0.1", remotePort: 8080, state: "established", inode: 3_180_267 },
  ]);
  t.match(inWords(fixture("net-tcp6")), [
    { local: "::", localPort: 8080, state: "listen" },
    { local: "127.0.0.1", remote: "127.0.0.1", state: "established" },
  ]);
  t.match(inWords(fixture("net-udp")), [{ local: "10.77.1.2", localPort: 5353, state: "unconnected", inode: 3_180_266 }]);
});

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const rest = "00000000:00000000 00:00000000 00000000     0        0";

t.test("those that receive from anybody", async (t) => {
  const receivers = (text: string, protocol: "tcp" | "udp") =>
    parseReceivers(text, protocol).map((row) => `${describeRow(row).local} ${row.localPort} ${row.inode}`);
  const tcp = `${head}   0: 0100007F:1F90 00000000:0000 0A ${rest} 4711 1 0
   1: 0100007F:1F90 0100007F:D431 01 ${rest} 4712 1 0
`;
  t.same(receivers(tcp, "tcp"), ["127.0.0.1 8080 4711"], "an established connection is none");
  t.same(receivers(`${head}   0: 00000000:0035 00000000:0000 07 ${rest} 4713 1 0\n`, "udp"), ["0.0.0.0 53 4713"]);
  const six = ["00000000000000000000000000000000", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"];
  const tcp6 = head + six.map((ip) => `   0: ${ip}:0050 ${six[0]}:0000 0A ${rest} 1 1 0\n`).join("");
  t.same(receivers(tcp6, "tcp"), [":: 80 1", "127.0.0.1 80 1", "::1 80 1"]);
});

t.test("unix sockets", async (t) => {
  t.same(parseUnixSockets(fixture("net-unix")), [
    { inode: 3_180_270, path: "", listening: false },
    { inode: 3_180_268, path: "/tmp/listener.sock", listening: true },
    { inode: 3_180_271, path: "", listening: false },
    { inode: 3_180_269, path: "@abstract name", listening: false },
  ]);
});

t.test("addresses", async (t) => {
  t.match(parseInet6(fixture("net-if_inet6"))[2], { address: "fd00:77::2", prefixLength: 64, link: "e0" });
  t.match(parseInet6(fixture("net-if_inet6"))[1], { address: "::1", prefixLength: 128, link: "lo" });
});

t.test("namespaces that mounts hold", async (t) => {
  t.same(parseNamespaceMounts(fixture("mountinfo-nsfs")), [{ kind: "uts", inode: 4_026_531_838, target: "/tmp/held" }]);
  t.equal(inodeOfLink("net:[4026531840]"), 4_026_531_840);
  for (const text of ["", "net:[]", "net:[x]", "/dev/null", "socket"]) t.equal(inodeOfLink(text), 0, text);
});

t.test("relations, holders and names of other engines", async (t) => {
  t.same(parseRelations("user\t5\t3\t3\t1000\nnet\t6\t5\t-\t-\nnet\tx\t5\t-\t-\nfoo\t7\t-\t-\t-\n"), [
    { kind: "user", inode: 5, userNamespace: 3, parent: 3, ownerUid: 1000 },
    { kind: "net", inode: 6, userNamespace: 5, parent: 0, ownerUid: -1 },
  ]);
  t.same(parseHolder("812 99\n"), { pid: 812, startTime: 99 });
  for (const text of ["", "0 1", "-1 5", "1", "1 2 3", "1 2\n\n"]) t.equal(parseHolder(text), undefined, JSON.stringify(text));
  t.equal(parseDockerName({ Name: "/web" }), "web");
  for (const state of [undefined, null, [], { Name: 3 }, { Name: "" }]) t.equal(parseDockerName(state), undefined);
  t.same([...parsePodmanNames([{ id: "a", names: ["x", "y"] }, { id: "b" }, 3, { id: 4, names: ["z"] }])], [["a", "x"]]);
});
