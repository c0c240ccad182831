// Nothing that a container chose reaches the terminal as it is: the bytes that the dashboard writes are recorded while it shows labels,
// logs, titles of processes, names of files, environment, instructions of images and events full of what terminals obey.
import { isUtf8 } from "node:buffer";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { house } from "../../tui/house.ts";
import { image, makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal, type Terminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

/** For printf(1): every control byte but NUL and newline, C1 as UTF-8 and as bytes, titles, clipboard, device control, queries, mouse. */
const octal = (code: number): string => `\\${code.toString(8).padStart(3, "0")}`;
const bytes = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const garbage = [
  ...bytes(0x01, 0x1f)
    .filter((code) => code !== 0x0a)
    .map(octal),
  octal(0x7f),
  ...bytes(0x80, 0x9f).map((code) => octal(0xc2) + octal(code)),
  ...bytes(0x80, 0x9f).map(octal),
  "\\033]0;owned\\007",
  "\\033]52;c;b3duZWQ=\\007",
  "\\033P$qm\\033\\\\",
  "\\033_Gowned\\033\\\\",
  "\\033[6n\\033[c\\033[?1003h\\033[?2026h\\033[20t\\033[38;2;1;2;3mowned",
  "\\342\\200\\256evil\\342\\201\\246",
  "e\\314\\201\\314\\202\\314\\203",
  "\\346\\227\\245\\346\\234\\254",
  "\\377\\376owned",
].join("");

/** Makes a container of each kind of text, by a shell: arguments of Node are always UTF-8. */
async function makeContainers(root: DataRoot): Promise<void> {
  const inside = [
    `G=$(printf '${garbage}')`,
    'touch "/tmp/file$G" 2>/dev/null',
    'mkdir "/tmp/dir$G" && echo x > "/tmp/dir$G/in$G"',
    `printf '#!/bin/sh\\nwhile :; do sleep 1000; done\\n' > "/tmp/$(printf '\\033[5mx\\033]0;y')" && chmod +x /tmp/*5mx*`,
    '/tmp/*5mx* "$G" &',
    'echo "before $G after"; printf "%s" "$G"; echo; echo "ERROR $G" >&2',
    "wait",
  ].join("\n");
  await promisify(execFile)(
    "sh",
    [
      "-c",
      [
        `G=$(printf '${garbage}')`,
        `"${command}" volume create --label "of=$G" kept >/dev/null`,
        `"${command}" network create --label "of=$G" garbled >/dev/null`,
        `"${command}" run -d --name garbled --network none --label "of=$G" --label "k$G=v" --env "G=$G" -v kept:/kept ${image} sh -c "$INSIDE" "$G" >/dev/null`,
        `"${command}" exec garbled true "$G"`,
        `"${command}" commit -m "said $G" -c "LABEL of=x" garbled "committed:1" >/dev/null`,
      ].join(" && "),
    ],
    { env: root.env({ env: { INSIDE: inside } }) },
  );
  await waitFor("the log", async () => (await root.tsns(["logs", "garbled"])).stdout.includes("before"));
}

/** What blessed and tty.ts write to a terminal like xterm: movements, erasing, looks, modes of their own. */
const ours =
  /\x1b\[(?:[\d;]*[HABCDGJKLMPXdrm@`]|(?:4l|34[hl])|\?(?:1|5|7|25|12|1000|1001|1002|1003|1004|1005|1006|1015|1049|2004)[hl]|\?6l|\d* q)|\x1b[()][B0]|\x1b[=>78]|[\r\n\x0f]/g;
/** A program in a pane that is shown may ask for the mouse: then the dashboard asks the terminal, in its own words and with the place of its own pane. */
const asked = "\x1b[?1000h\x1b[?1002h\x1b[?1003h";
const modes = /\x1b\[\?(?:1002|1003|1004|1005|1015|2026)h/;

/** Complaints about the bytes; none where all is the dashboard's own. */
function foreign(raw: Buffer): readonly string[] {
  // Once: its own question for the background.
  const text = raw.toString().replace("\x1b]11;?\x1b\\", "");
  const left = text.replace(ours, "");
  const bad = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.exec(left);
  const around = bad ? JSON.stringify(left.slice(Math.max(bad.index - 60, 0), bad.index + 60)) : "";
  return [
    ...(bad ? [`${JSON.stringify(bad[0])} in ${around}`] : []),
    ...(/\x1b[\]P_^X]/.test(text) ? [`a string for the terminal: ${JSON.stringify(/.{0,40}\x1b[\]P_^X].{0,40}/s.exec(text)?.[0])}`] : []),
    ...(isUtf8(raw) ? [] : ["bytes that are no text"]),
    ...(modes.test(text.replaceAll(asked, "")) ? [`a mode: ${JSON.stringify(modes.exec(text.replaceAll(asked, ""))?.[0])}`] : []),
    ...(text.includes("\x1b[38;2;1;2;3") ? ["a colour of the container's"] : []),
  ];
}

/** Waits until a title stands in brackets and nothing is being read any more; the whole screen. */
async function read(terminal: Terminal, title: string): Promise<string> {
  const [screen] = await terminal.see(new RegExp(`^(?=[\\s\\S]*\\[${title}\\])(?![\\s\\S]*reading \\.\\.\\.)[\\s\\S]*$`));
  return screen;
}

t.test("garbage", { ...needRoot, buffered: true }, async (t) => {
  const root = await makeBusyboxRoot(t);
  await makeContainers(root);
  const begun = ["sh", "-c", 'read -r _; exec "$@"', "sh", command, "tui"];
  const terminal = openTerminal(t, begun, { env: root.env({ env: { TERM: "screen-256color" } }), columns: 160, rows: 50 });
  const recording = terminal.record();
  terminal.press("Enter");
  await terminal.see(/ garbled .*running/);
  const seen: string[] = [];
  const [containers] = house.views;
  for (const [place, name] of (containers?.tabs ?? []).entries()) {
    const title = house.tabs.find((tab) => tab.name === name)?.title ?? name;
    if (place > 0) terminal.press("]");
    await read(terminal, title);
    terminal.press("Tab", "End", "Right", "Home", "Right", "Down", "Right", "Down", "Right", "Tab");
    seen.push(await read(terminal, title));
  }
  for (const [place, { title }] of house.views.entries()) {
    terminal.press(`${place + 1}`);
    await read(terminal, `${place + 1} ${title}`);
    terminal.press("End", "Right", "Home", "Right");
    seen.push(await read(terminal, `${place + 1} ${title}`));
  }
  terminal.press("1", "E");
  await terminal.see(/\/ # +│/);
  terminal.type("printf '\\033]52;c;YQ==\\007\\033[?1003h\\033P$qm\\033\\\\\\033[6n%s\\n' 'in a pane'");
  terminal.press("Enter");
  await terminal.see(/│in a pane +│/);
  // The program in the pane goes on: it is asked.
  terminal.press("F12", "q", "y");
  t.equal(await terminal.exitCode(), 0);
  const all = seen.join("\n");
  t.match(all, /\\x1b\]52;c;/, "it is shown as what it is");
  const raw = await recording.end();
  t.ok(raw.length > 10_000, `recorded ${raw.length} bytes`);
  t.same(foreign(raw), []);

  const once = await root.tsns(["tui", "--once"]);
  t.equal(once.code, 0);
  t.match(once.stdout, /\\x1b\]52;c;/);
  t.notMatch(once.stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/, "nor on paper");
});
