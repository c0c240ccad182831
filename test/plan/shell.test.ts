// Steps and operations as shell: every kind, quoted so that sh reads back what was meant.
import { spawnSync } from "node:child_process";
import t from "tap";
import { quoteWord, shellOfOperation, shellOfStep } from "../../src/plan/shell.ts";
import type { Step, StepKind, StepOf } from "../../src/plan/step.ts";

const rule = { table: "nat", chain: "TSNS", args: ["-s", "10.0.0.0/24", "-j", "MASQUERADE"] } as const;

/** The kinds whose text is held here word by word; others are held by their nouns' tests. */
const samples: { readonly [K in StepKind]?: readonly (readonly [Omit<StepOf<K>, "kind">, string])[] } = {
  "directory.create": [[{ path: "/a b", mode: 0o750 }, "mkdir -p -m 750 '/a b'"]],
  "directory.remove": [[{ path: "/a" }, "rmdir /a 2>/dev/null || [ ! -e /a ]"]],
  "tree.remove": [[{ path: "/r/a", within: "/r" }, "rm -rf --one-file-system /r/a"]],
  "file.write": [[{ path: "/f", text: "it's\n", mode: 0o644 }, "printf %s 'it'\\''s\n' > /f && chmod 644 /f"]],
  "filesystem.create": [[{ path: "/f", bytes: 4096 }, "truncate -s 4096 /f && mkfs.ext4 -q -F -m 0 -O ^has_journal /f"]],
  "flow.remove": [
    [
      { tuple: { family: "ipv4", protocol: 17, source: "10.0.0.9", destination: "10.0.0.1", sourcePort: 4000, destinationPort: 53 } },
      "conntrack -D -f ipv4 -p udp -s 10.0.0.9 -d 10.0.0.1 --sport 4000 --dport 53 || true",
    ],
  ],
  "cgroup.create": [[{ path: "/cg/x" }, "mkdir /cg/x"]],
  "cgroup.write": [
    [{ path: "/cg/x/devices.deny", value: "a\nb 8:* rwm" }, "echo a > /cg/x/devices.deny\necho 'b 8:* rwm' > /cg/x/devices.deny"],
  ],
  "cgroup.remove": [[{ path: "/cg/x" }, "find /cg/x -depth -type d -exec rmdir {} \\; 2>/dev/null || [ ! -d /cg/x ]"]],
  "names.enable": [
    [
      { directory: "/c d", operation: ["name-relay", "ab", "/r/names/socket", "61053"] },
      "printf '%s\\0' 4 name-relay ab /r/names/socket 61053 1 end > '/c d/names'\n" +
        '"$(dirname "$(readlink -f "$(command -v tsns)")")/tsns-sandbox" names \'/c d/attach\'',
    ],
  ],
  "bridge.add": [[{ name: "br0", mac: "02:00:00:00:00:01" }, "ip link add name br0 address 02:00:00:00:00:01 type bridge"]],
  "link.up": [[{ name: "br0" }, "ip link set dev br0 up"]],
  "address.add": [
    [{ link: "br0", address: "10.0.0.1/24" }, "ip address add 10.0.0.1/24 brd + dev br0"],
    [{ link: "lo", address: "127.0.0.2/8", namespace: "/n" }, "nsenter --net=/n ip address add 127.0.0.2/8 dev lo"],
    [{ link: "br0", address: "fd00::1/64", withoutDetection: true }, "ip address add fd00::1/64 dev br0 nodad"],
  ],
  "address.remove": [[{ link: "br0", address: "10.0.0.1/24" }, "ip address del 10.0.0.1/24 dev br0"]],
  "veth.add": [
    [{ name: "a", peer: "b" }, "ip link add name a type veth peer name b"],
    [
      { name: "a", peer: "b", namespace: "/n/1", peerNamespace: "/n/2", mtuBytes: 1400 },
      "ip link add name a mtu 1400 netns /n/1 type veth peer name b mtu 1400 netns /n/2",
    ],
  ],
  "link.set": [
    [{ name: "a", change: { up: true } }, "ip link set dev a up"],
    [{ name: "a", change: { up: false }, namespace: "/n" }, "nsenter --net=/n ip link set dev a down"],
    [{ name: "a", change: { promiscuous: true } }, "ip link set dev a promisc on"],
    [{ name: "a", change: { mtuBytes: 1400 } }, "ip link set dev a mtu 1400"],
    [{ name: "a", change: { mac: "02:00:00:00:00:01" } }, "ip link set dev a address 02:00:00:00:00:01"],
    [{ name: "a", change: { newName: "b" } }, "ip link set dev a name b"],
    [{ name: "a", change: { master: "br0" } }, "ip link set dev a master br0"],
    [{ name: "a", change: { master: "" } }, "ip link set dev a nomaster"],
    [{ name: "a", change: { txQueueLength: 5 } }, "ip link set dev a txqueuelen 5"],
    [{ name: "a", change: { alias: "to db" } }, "ip link set dev a alias 'to db'"],
  ],
  "link.move": [
    [{ name: "a", target: "/n", newName: "b" }, "ip link set dev a netns /n name b"],
    [{ name: "a", namespace: "/n" }, "nsenter --net=/n ip link set dev a netns /proc/$$/ns/net"],
  ],
  "route.add": [
    [
      {
        route: { type: "unicast", destination: "0.0.0.0/0", gateway: "10.0.0.1", link: "a", source: "10.0.0.2", metric: 5 },
        namespace: "/n",
      },
      "nsenter --net=/n ip route add default via 10.0.0.1 dev a src 10.0.0.2 metric 5",
    ],
    [
      { route: { type: "unicast", destination: "10.9.0.0/16", gateway: "fe80::1", link: "a", table: 100, mtuBytes: 1400, onlink: true } },
      "ip route add 10.9.0.0/16 via inet6 fe80::1 dev a table 100 mtu 1400 onlink",
    ],
    [{ route: { type: "blackhole", destination: "::/0", protocol: 4, scope: 0 } }, "ip -6 route add blackhole default proto 4 scope 0"],
  ],
  "route.remove": [[{ route: { type: "unicast", destination: "10.9.0.0/16", table: 254 } }, "ip route del 10.9.0.0/16"]],
  "link.remove": [[{ name: "br0" }, "ip link del dev br0"]],
  "sysctl.write": [[{ key: "net.ipv4.ip_forward", value: "1" }, "sysctl -q -w net.ipv4.ip_forward=1"]],
  "rule.apply": [
    [
      {
        transaction: {
          family: "ipv4",
          changes: [
            { change: "chain.create", table: "nat", chain: "TSNS" },
            { change: "rule.append", rule },
            { change: "rule.insert", rule },
            { change: "rule.remove", rule },
            { change: "chain.remove", table: "nat", chain: "TSNS" },
          ],
        },
      },
      [
        "iptables -w -t nat -N TSNS 2>/dev/null || iptables -w -t nat -F TSNS",
        "iptables -w -t nat -A TSNS -s 10.0.0.0/24 -j MASQUERADE",
        "iptables -w -t nat -I TSNS -s 10.0.0.0/24 -j MASQUERADE",
        "iptables -w -t nat -D TSNS -s 10.0.0.0/24 -j MASQUERADE 2>/dev/null || :",
        "iptables -w -t nat -F TSNS 2>/dev/null && iptables -w -t nat -X TSNS || :",
      ].join("\n"),
    ],
    [
      { transaction: { family: "ipv6", changes: [{ change: "chain.create", table: "filter", chain: "C" }] } },
      "ip6tables -w -t filter -N C 2>/dev/null || ip6tables -w -t filter -F C",
    ],
    [
      {
        transaction: {
          family: "ipv4",
          changes: [
            { change: "chain.ensure", table: "nat", chain: "TSNS" },
            { change: "rule.insert", rule: { table: "nat", chain: "OUTPUT", args: ["-j", "TSNS"] } },
          ],
        },
      },
      [
        "iptables -w -t nat -N TSNS 2>/dev/null || :",
        "iptables -w -t nat -C OUTPUT -j TSNS 2>/dev/null || iptables -w -t nat -I OUTPUT -j TSNS",
      ].join("\n"),
    ],
  ],
  "record.put": [[{ container: "c", name: "n" }, ": # the store records container n"]],
  "process.signal": [
    [{ pid: 7, startTime: 1, signal: 15 }, "[ \"$(sed 's/.*) //' /proc/7/stat 2>/dev/null | cut -d' ' -f20)\" != 1 ] || kill -15 7"],
  ],
  "process.wait": [[{ pid: 7, startTime: 1, limitMs: 1500 }, "timeout 1.5 tail -s 0.05 --pid=7 -f /dev/null || :"]],
  "layer.unpack": [
    [{ archive: "/x.tar", directory: "/d" }, "mkdir -m 700 /d && tar -x -p --numeric-owner --xattrs '--xattrs-include=*' -C /d -f /x.tar"],
    [
      { archive: "-", member: "a/l.tar", directory: "/d" },
      "mkdir -m 700 /d && tar -x -O -f - a/l.tar | tar -x -p --numeric-owner --xattrs '--xattrs-include=*' -C /d",
    ],
    [
      { program: ["make it", "-"], directory: "/d" },
      "mkdir -m 700 /d && 'make it' - | tar -x -p --numeric-owner --xattrs '--xattrs-include=*' -C /d",
    ],
  ],
  "mount.bind": [
    [
      { source: "/a b", target: "/t", recursive: false, readOnly: true, propagation: "private" },
      "mount --bind '/a b' /t\nmount --make-private /t\nmount -o remount,bind,ro /t",
    ],
  ],
  "mount.overlay": [
    [
      { target: "/t", lower: ["/a,b", "/c:d"], upper: "/u", work: "/w", readOnly: false, options: ["metacopy=on"] },
      "mount -t overlay overlay -o 'lowerdir=/a\\,b:/c\\:d,upperdir=/u,workdir=/w,metacopy=on' /t",
    ],
  ],
  "mount.remove": [
    [{ target: "/t", lazy: false }, "umount /t"],
    [{ target: "/t", lazy: true, namespacePath: "/proc/7/ns/mnt" }, "umount -N /proc/7/ns/mnt --lazy /t"],
  ],
  "mountpoint.create": [
    [{ path: "/t", type: "directory" }, "mkdir /t"],
    [{ path: "/t", type: "file", namespacePath: "/proc/7/ns/mnt" }, "touch /proc/7/root/t"],
  ],
  "mountpoint.remove": [[{ path: "/t", type: "file" }, "rm /t"]],
  "layer.pack": [],
  "layer.apply": [],
  "archive.copy": [
    [{ source: "-", path: "/p" }, "cat > /p"],
    [{ source: "/s", path: "/p" }, "cat /s > /p"],
  ],
  "process.run": [[{ command: ["debootstrap", "a b"] }, "debootstrap 'a b'"]],
  "image.put": [
    [{ names: [] }, ": # the store records image"],
    [{ id: "sha256:1", names: ["a:1", "b:2"] }, ": # the store records image sha256:1 a:1 b:2"],
  ],
  "manifest.fetch": [
    [
      { repository: "127.0.0.1:5000/a/b", reference: "1", digest: "sha256:12", mediaType: "m/t", path: "/p" },
      "curl -sfL --create-dirs -H 'Accept: m/t' -o /p http://127.0.0.1:5000/v2/a/b/manifests/1 &&\n  echo '12  /p' | sha256sum -c --status",
    ],
  ],
  "blob.fetch": [
    [
      { repository: "docker.io/library/x", digest: "sha256:12", path: "/p q" },
      "curl -sfL --create-dirs -o '/p q' https://registry-1.docker.io/v2/library/x/blobs/sha256:12 &&\n  echo '12  /p q' | sha256sum -c --status",
    ],
  ],
  "credential.check": [
    [{ host: "a.test", username: "me" }, `printf 'user = "%s:%s"\\n' me "$PASSWORD" | curl -sf -o /dev/null -K - https://a.test/v2/`],
  ],
  "credential.store": [
    [
      { server: "a.test", username: "me", path: "/d/c.json", helper: "x" },
      "export PASSWORD &&\n  jq -n --arg server a.test --arg user me '{ServerURL: $server, Username: $user, Secret: env.PASSWORD}' | " +
        "docker-credential-x store &&\n  mkdir -p -m 700 /d &&\n  [ -s /d/c.json ] || (umask 077 && echo '{}' > /d/c.json) &&\n  " +
        "(umask 077 && jq --tab --arg server a.test '.auths[$server] = {}' /d/c.json > /d/c.json.new) &&\n  mv /d/c.json.new /d/c.json",
    ],
  ],
  "credential.erase": [
    [
      { server: "a.test", path: "/d/c.json" },
      "mkdir -p -m 700 /d &&\n  [ -s /d/c.json ] || (umask 077 && echo '{}' > /d/c.json) &&\n  " +
        "(umask 077 && jq --tab --arg server a.test 'del(.auths[$server])' /d/c.json > /d/c.json.new) &&\n  mv /d/c.json.new /d/c.json",
    ],
  ],
  "image.tag": [[{ id: "sha256:1", name: "a:1" }, ": # the store names image sha256:1 a:1"]],
  "repository.remove": [
    [{ repository: "a/b", tag: "1" }, ": # the store forgets a/b:1"],
    [{ repository: "a/b", digest: "sha256:1" }, ": # the store forgets a/b@sha256:1"],
  ],
  "image.untag": [[{ name: "a:1" }, ": # the store forgets the name a:1"]],
};

t.test("every kind of step", async (t) => {
  for (const [kind, cases] of Object.entries(samples)) {
    for (const [fields, shell] of cases) t.equal(shellOfStep({ kind, ...fields } as Step), shell, kind);
  }
});

t.test("quoted words come back as they were", async (t) => {
  const words = ["", "a", "a b", "it's", "$HOME", "`x`", "a\nb", "*", "~", "\\", "-n", "#", "é", "!"];
  for (const word of words) {
    const { stdout } = spawnSync("sh", ["-c", `printf '%s|' ${quoteWord(word)}`], { encoding: "utf8" });
    t.equal(stdout, `${word}|`, JSON.stringify(word));
  }
});

t.test("the shell that is shown is shell", async (t) => {
  const script = Object.entries(samples)
    .flatMap(([kind, cases]) => cases.map(([fields]) => shellOfStep({ kind, ...fields } as Step)))
    .join("\n");
  const { status, stderr } = spawnSync("sh", ["-n", "-c", script], { encoding: "utf8" });
  t.same({ status, stderr }, { status: 0, stderr: "" });
});

t.test("operations", async (t) => {
  const cases: [readonly [string, ...string[]], string][] = [
    [["unshare", `${0x20000}`], "unshare --mount"],
    [["clone", `${0x20000 | 0x20000000}`], "unshare --mount --pid --fork sh"],
    [["cgroup-join", "/cg/cgroup.procs"], "echo 0 > /cg/cgroup.procs"],
    [["mount", "", "/", "", "278528", ""], "mount --make-rprivate /"],
    [["mount", "overlay", "/r", "overlay", "0", "lowerdir=/l"], "mount -t overlay -o lowerdir=/l overlay /r"],
    [["mount-at", "proc", "/proc", "proc", "14", ""], "mount -t proc -o nosuid,nodev,noexec proc root/proc"],
    [["bind-at", "/h", "/c", "1", "1", "0"], "mount --rbind /h root/c\nmount -o remount,bind,ro root/c"],
    [["bind-at", "/h", "/c", "0", "0", `${1 << 19}`], "mount --bind /h root/c\nmount --make-slave root/c"],
    [["mkdir-at", "/x", "755"], "mkdir -p -m 755 root/x"],
    [["touch-at", "/x", "600"], "touch root/x"],
    [["symlink-at", "/proc/self/fd", "/dev/fd"], "ln -sfn /proc/self/fd root/dev/fd"],
    [["mknod-at", "/dev/null", "20666", "1", "3"], "mknod -m 666 root/dev/null c 1 3"],
    [["mknod-at", "/dev/a/sda", "60660", "8", "0"], "mkdir -p root/dev/a\nmknod -m 660 root/dev/a/sda b 8 0"],
    [["mask-at", "/proc/keys"], "mount --bind root/dev/null root/proc/keys"],
    [["remount-at", "/", "1"], "mount -o remount,bind,ro root/"],
    [["sysctl", "a.b", "1"], "sysctl -q -w a.b=1"],
    [["env", "A=b c"], "export 'A=b c'"],
    [["setns-pid", "7", "1", "pid", "mnt"], "nsenter --target 7 --pid --mount"],
    [["caps", "ff", "0", "0", "0", "0"], "capsh --drop=... # bounding set 0xff"],
    [["exec", "ls", "a b"], "exec ls 'a b'"],
    [["netlink", "100", "00"], ": # an rtnetlink message without a command of ip(8): 00"],
    [["barrier"], ""],
    [["no such thing", "x"], ""],
  ];
  for (const [operation, shell] of cases) t.equal(shellOfOperation(operation), shell, operation.join(" "));
});

t.test("what a script cannot do ends it before anything is done", async (t) => {
  const shell = shellOfStep({
    kind: "sandbox.start",
    planPath: "/p",
    operations: [
      ["userns", "120", "", ""],
      ["clone", "0"],
      ["exec", "a"],
    ],
  });
  t.match(shell, /^echo 'this cannot be done by a script: a user namespace .*' >&2\nexit 1$/);
});

t.test("what is left out is said", async (t) => {
  const shell = shellOfStep({
    kind: "sandbox.start",
    planPath: "/d/plan",
    operations: [["log", "/l", "0", "0"], ["clone", "0"], ["barrier"], ["pivot"], ["apparmor", "p"], ["init"], ["exec", "a"]],
  });
  t.match(shell, /# left out: no log is kept/);
  t.match(shell, /# left out: without --init's process 1/);
  t.match(shell, /# left out, no command does it: apparmor p/);
  t.equal(spawnSync("sh", ["-n"], { input: shell }).status, 0);
});
