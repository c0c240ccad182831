// `tsns net rules` beside `iptables-save -c`, on a host with many published ports. tsns also reads the other family and the other
// backend, and says whose each rule is and what it does.
import { spawnSync } from "node:child_process";

/** Rules as docker has them: three for each published port. @param {number} size */
function ruleSet(size) {
  const ports = Array.from({ length: Math.ceil(size / 3) }, (_, at) => ({ ip: `172.18.${at >> 8}.${at & 255}`, port: 10000 + at }));
  return [
    "*nat",
    ":DOCKER - [0:0]",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
    ...ports.map(({ ip, port }) => `-A DOCKER ! -i docker0 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${ip}:80`),
    ...ports.map(({ ip }) => `-A POSTROUTING -s ${ip}/32 -d ${ip}/32 -p tcp -m tcp --dport 80 -j MASQUERADE`),
    "COMMIT",
    "*filter",
    ":DOCKER - [0:0]",
    "-A FORWARD -o docker0 -j DOCKER",
    ...ports.map(({ ip }) => `-A DOCKER -d ${ip}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT`),
    "COMMIT",
    "",
  ].join("\n");
}

/** @param {string} input */
function restore(input) {
  const { status, stderr } = spawnSync("iptables-restore", ["--noflush"], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`iptables-restore: ${stderr}`);
}

/** @type {import("./case.mjs").Case} */
export const toolkitCase = {
  name: "net-rules",
  what: "net rules with 5,000 rules, beside iptables-save -c",
  size: 5000,
  namespaces: ["--net"],
  programs: ["iptables-save"],
  prepare(size) {
    restore(ruleSet(size));
    return () => restore("*nat\n-F\n-X\nCOMMIT\n*filter\n-F\n-X\nCOMMIT\n");
  },
  classic: () => ["iptables-save", "-c"],
  ours: ["net", "rules"],
};
