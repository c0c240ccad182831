import t from "tap";
import { meaningsOf, parseInodeQuestion, parsePortQuestion } from "../../src/namespace/who.ts";

t.test("what a word may mean", async (t) => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "80": ["port", "pid", "inode"],
    "70000": ["pid", "inode"],
    "4026531840": ["inode"],
    "0": [],
    "53/udp": ["port"],
    "127.0.0.1:80": ["port"],
    "[::1]:80/tcp": ["port"],
    "net:[4026531840]": ["inode"],
    "socket:[12]": ["inode"],
    "10.0.0.1": ["ip"],
    "fd00::1": ["ip"],
    "02:74:0a:42:10:02": ["mac"],
    "/var/log": ["path", "cgroup"],
    "./x": ["path", "cgroup"],
    eth0: ["iface", "cgroup", "path"],
    "a-name-of-more-than-fifteen": ["cgroup", "path"],
    "": [],
  };
  for (const [word, meanings] of Object.entries(cases)) t.same(meaningsOf(word), meanings, word);
});

t.test("ports", async (t) => {
  t.same(parsePortQuestion("8080"), { port: 8080 });
  t.same(parsePortQuestion("53/udp"), { port: 53, protocol: "udp" });
  t.same(parsePortQuestion("udp/53"), { port: 53, protocol: "udp" });
  t.same(parsePortQuestion(":8088"), { port: 8088 });
  t.same(parsePortQuestion("*:8088/tcp"), { port: 8088, protocol: "tcp" });
  t.same(parsePortQuestion("tcp/127.0.0.1:8088"), { port: 8088, protocol: "tcp", address: "127.0.0.1" });
  for (const word of ["tcp/8088", ":8088", "8088/tcp", "127.0.0.1:8088"]) t.same(meaningsOf(word), ["port"], word);
  t.same(parsePortQuestion("[::ffff:1.2.3.4]:80"), { port: 80, address: "1.2.3.4" });
  for (const word of ["0", "65536", "80/icmp", "1.2.3:80", "300.1.1.1:80", "x:80", "tcp/80/tcp", "icmp/80", ":", ":0", "::80", "tcp/"])
    t.equal(parsePortQuestion(word), undefined, word);
});

t.test("inodes", async (t) => {
  t.same(parseInodeQuestion("pipe:[7]"), { inode: 7, kind: "pipe" });
  t.same(parseInodeQuestion("7"), { inode: 7 });
  for (const word of ["net:[]", "net:7", "0", "-1"]) t.equal(parseInodeQuestion(word), undefined, word);
});
