// Tabs of text about a container: environment, mounts, changes, why, path.
import t from "tap";
import type { LiveMountRow } from "../../../src/engine/live/mount.ts";
import type { LiveWhy } from "../../../src/engine/live/why.ts";
import type { TraceView } from "../../../src/network/trace/view.ts";
import { textOf } from "../../../tui/draw/cell.ts";
import type { Fed } from "../../../tui/model/need.ts";
import type { Part, Surroundings } from "../../../tui/model/part.ts";
import { changeTab } from "../../../tui/tab/change/change.ts";
import { environmentTab } from "../../../tui/tab/environment/environment.ts";
import { mountTab } from "../../../tui/tab/mount/mount.ts";
import { pathTab } from "../../../tui/tab/path/path.ts";
import { whyTab } from "../../../tui/tab/why/why.ts";
import { keyOf, makeSurroundings, runningRow } from "../../fixture/dashboard.ts";
import { nasty, rawControl } from "../../fixture/process-use.ts";
import { makeRecord, makeSpec } from "../../fixture/request.ts";

const endpoint = {
  network: "bridge",
  ports: [
    { hostIp: "0.0.0.0", hostPort: 8080, containerPort: 80, protocol: "tcp" },
    { hostIp: "::", hostPort: 5353, containerPort: 53, protocol: "udp" },
  ],
} as never;
const spec = makeSpec({ env: ["PATH=/bin:/usr/bin", "EMPTY=", `BAD=${nasty}`, "LONG=".padEnd(500, "y")] });
const record = makeRecord({ spec, run: { startedMs: 5, endpoints: [endpoint], cgroups: {} } });
const chosen = runningRow("web", { record });
const { id } = chosen;

const around = (fed: Fed = {}, rows = 12): Surroundings => makeSurroundings({ chosen, size: { columns: 78, rows }, fed });

function press<S>(part: Part<S>, names: readonly string[], given: Surroundings): S {
  return names.reduce((state, name) => part.update(state, { kind: "key", key: keyOf(name) }, given).state, part.initial);
}

function drawn<S>(part: Part<S>, given: Surroundings, names: readonly string[] = []): readonly string[] {
  const lines = part.draw(press(part, names, given), given).lines.map((line) => textOf(line).trimEnd());
  t.ok(lines.length <= given.size.rows, `${part.name}: ${lines.length} lines`);
  for (const text of lines) t.notMatch(text, rawControl, part.name);
  return lines.filter((text) => text !== "");
}

t.test("environment", async (t) => {
  t.match(drawn(environmentTab, around()).join("\n"), /^ {2}NAME\^ +VALUE\n> BAD .*\n {2}EMPTY\n {2}LONG .*\n {2}PATH +\/bin/);
  t.same(
    drawn(environmentTab, around(), ["/", ..."path", "enter"])
      .slice(1, 2)
      .join("")
      .slice(0, 6),
    "> PATH",
  );
  t.equal(drawn(environmentTab, around(), ["end"]).at(-1), "PATH=/bin:/usr/bin");
  t.match(drawn(environmentTab, around(), ["down", "down"]).at(-1), /~$/, "what takes more than a third is cut");
  t.match(drawn(environmentTab, around(), ["I"])[1], /^> PATH/);
  t.equal(environmentTab.update(environmentTab.initial, { kind: "key", key: keyOf("s") }, around()).isUnused, true);
});

const rows: readonly LiveMountRow[] = [
  { origin: "root", type: "overlay", source: "/var/lib/tsns/x", destination: "/", mode: "rw", propagation: "private", bytes: 12_300 },
  { origin: "asked", type: "volume", source: `${nasty} (/v)`, destination: "/data", mode: "ro", propagation: "slave of 3" },
  { origin: "own", type: "proc", source: "proc", destination: "/proc", mode: "rw,nosuid", propagation: "private" },
];

t.test("mounts", async (t) => {
  t.match(drawn(mountTab, around())[1], /reading/);
  const given = around({ mounts: { id, rows } });
  const texts = drawn(mountTab, given);
  t.match(texts[1], /^> \/ +overlay +\/var\/lib/);
  t.equal(texts.at(-1), "it has written 12.3kB");
  t.match(drawn(mountTab, given, ["down"]).at(-1), /^volume .* on \/data \(ro\)$|\(ro\)$/);
  t.match(drawn(mountTab, around({ mounts: { id, rows: [] } }))[1], /not there/);
  t.same(mountTab.needs(mountTab.initial, given), [{ kind: "mounts", id }]);
});

t.test("changes", async (t) => {
  const changes = [
    { kind: "C", path: "/etc", sizeBytes: 0, isDirectory: true },
    { kind: "A", path: "/etc/new", sizeBytes: 2048, isDirectory: false },
    { kind: "D", path: "/etc/old", sizeBytes: 0, isDirectory: false },
    { kind: "A", path: `/tmp/${nasty.replaceAll("/", "")}`, sizeBytes: 1, isDirectory: false },
  ] as const;
  const given = around({ changes: { id, round: 0, changes: { changes, left: 3, atMs: 0 } } });
  const texts = drawn(changeTab, given);
  t.match(texts[0], /^2 added, 1 changed, 1 deleted, 2K written {2}and 3 more that are not shown/);
  t.same(
    texts.slice(1, 4),
    ["> - C changed     2K  etc/  (2)", "     A added       2K  new", "     D deleted         old"].map((text) =>
      text.replace("> -", ">-"),
    ),
  );
  t.equal(texts.at(-1), "/etc");
  t.match(drawn(changeTab, around())[0], /being walked/);
  const again = press(changeTab, ["R"], given);
  t.same(changeTab.needs(again, given), [{ kind: "changes", id, round: 1 }]);
  t.match(textOf(changeTab.draw(again, given).lines[0] ?? []), /walking again/);
  const none = around({ changes: { id, round: 0, changes: { changes: [], left: 0, atMs: 0 } } });
  t.match(drawn(changeTab, none).join("\n"), /it has changed no file/);
});

t.test("why", async (t) => {
  const claim = { grade: "likely", cause: "x", text: `it ${nasty}`, evidence: ["cpu 90%"], remedy: "give it more" } as const;
  const exit = { exitCode: 137, signal: 9, finishedMs: 60_000, oomKilled: false, error: "" };
  const death = { death: { startedMs: 0, exit } as never, claims: [claim] };
  const base = { id, name: "web", status: "running", statusText: "Up 3 minutes", isLive: true, restarts: 2 };
  const live: LiveWhy = { death: { ...base, deaths: [death] }, slow: [claim] };
  const texts = drawn(whyTab, around({ why: { id, why: live } }, 20));
  t.equal(texts[0], "Up 3 minutes, started again 2 times by its restart policy");
  t.equal(texts[1], "What slows it down");
  t.match(texts[2], /^ {2}likely {3}it /);
  t.equal(texts[3], "           - cpu 90%");
  t.equal(texts[4], "           do: give it more");
  t.equal(texts[5], "Earlier ends, newest first");
  const ended: LiveWhy = { death: { ...base, isLive: false, statusText: "Exited (137)", deaths: [death] }, slow: [] };
  t.match(drawn(whyTab, around({ why: { id, why: ended } }))[1], /^Its end: code 137, signal 9 after about a minute/);
  const never: LiveWhy = { death: { ...base, isLive: false, restarts: 0, deaths: [] }, slow: [] };
  t.match(drawn(whyTab, around({ why: { id, why: never } }))[1], /never run/);
  t.match(drawn(whyTab, around({ why: { id, why: undefined } }))[0], /not there/);
  t.match(drawn(whyTab, around({ why: { id: "other", why: live } }))[0], /reading/);
});

t.test("path", async (t) => {
  const trace: TraceView = {
    from: "lan (eth0)",
    to: "192.0.2.2:8080/tcp (host)",
    verdict: "blocked",
    reason: "nothing listens",
    fix: `start it ${nasty}`,
    hops: [
      { namespace: "host", at: "route", text: "10.0.0.2 by br0", answer: false },
      {
        namespace: "host",
        at: "filter",
        text: "dropped",
        answer: true,
        rule: { command: "iptables", table: "filter", chain: "INPUT", number: 2, args: [] },
      },
    ],
  };
  const port = { hostIp: "0.0.0.0", hostPort: 8080, protocol: "tcp" } as const;
  const paths = [
    { from: "lan", trace },
    { from: "host", refusal: "no route" },
  ] as const;
  const given = around({ path: { id, port, round: "0.5", paths, atMs: 0 } }, 30);
  const texts = drawn(pathTab, given);
  t.equal(texts[0], "Port  [8080->80] [::]:5353->53/udp");
  t.equal(texts[1], "From a neighbour on the LAN to 192.0.2.2:8080/tcp (host): blocked");
  t.equal(texts[2], "  nothing listens");
  t.match(texts[3], /^ {2}do: start it/);
  t.match(
    texts.join("\n"),
    /\n {3}1 route in host\n {5}10\.0\.0\.2 by br0\n {2}the answer:\n {3}2 filter in host\n {5}dropped\n {5}iptables filter INPUT #2\n/,
  );
  t.match(texts.join("\n"), /From this host: not traced\n {2}no route/);
  t.match(texts.at(-1), /^as of /);
  const other = press(pathTab, ["right"], given);
  t.same(pathTab.needs(other, given), [{ kind: "path", id, port: { hostIp: "::", hostPort: 5353, protocol: "udp" }, round: "0.5" }]);
  t.match(drawn(pathTab, given, ["right"])[1], /following/, "the way to another port is not shown for this one");
  t.match(drawn(pathTab, given, ["right", "right"])[0], /\[8080/);
  t.match(drawn(pathTab, given, ["R"]).at(-1), /following/);
  const ended = makeSurroundings({ chosen: runningRow("web", { status: "exited" }) });
  t.same(pathTab.needs(pathTab.initial, ended), []);
  t.match(textOf(pathTab.draw(pathTab.initial, ended).lines[0] ?? []), /does not run/);
});
