// What a terminal and a pipe are given while layers come.
import t from "tap";
import { openProgress } from "../../../cmds/image/progress.ts";
import type { OnProgress } from "../../../src/image/progress.ts";

function shown(isTTY: boolean, tell: (onProgress: OnProgress) => void, isQuiet = false, wanted?: string): string {
  let text = "";
  const write = (piece: string | Uint8Array) => {
    text += piece;
  };
  tell(openProgress({ isTTY, columns: 80, write }, wanted === undefined ? {} : { TSNS_PROGRESS: wanted }, isQuiet));
  return text;
}

function twoLayers(tell: OnProgress): void {
  tell({ message: "1: Pulling from x" });
  tell({ id: "aaaaaaaaaaaa", status: "Pulling fs layer" });
  tell({ id: "bbbbbbbbbbbb", status: "Pulling fs layer" });
  tell({ id: "aaaaaaaaaaaa", status: "Downloading", current: 1000, total: 2000 });
  tell({ id: "aaaaaaaaaaaa", status: "Downloading", current: 1001, total: 2000 });
  tell({ id: "aaaaaaaaaaaa", status: "Downloading", current: 2000, total: 2000 });
  tell({ id: "bbbbbbbbbbbb", status: "Pull complete" });
  tell({ message: "Digest: d" });
}

/** The lines of a screen after the text, as far as these control sequences go. */
function screen(text: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  for (const [part] of text.matchAll(/\x1b\[\d*[ABK]|\r|\n|[^\x1b\r\n]+/g)) {
    const [, count = "", move = ""] = /^\x1b\[(\d*)([ABK])$/.exec(part) ?? [];
    if (move === "A") row -= Number(count);
    else if (move === "B") row += Number(count);
    else if (move === "K") lines[row] = "";
    else if (part === "\n") lines[++row] ??= "";
    else if (part !== "\r") lines[row] += part;
  }
  return lines;
}

t.test("a pipe", async (t) => {
  t.equal(
    shown(false, twoLayers),
    "1: Pulling from x\naaaaaaaaaaaa: Pulling fs layer\nbbbbbbbbbbbb: Pulling fs layer\nbbbbbbbbbbbb: Pull complete\nDigest: d\n",
  );
});

t.test("a terminal: each layer has its line", async (t) => {
  const text = shown(true, twoLayers);
  t.same(screen(text), ["1: Pulling from x", "aaaaaaaaaaaa: Downloading      2kB/2kB", "bbbbbbbbbbbb: Pull complete", "Digest: d", ""]);
  t.notMatch(text, /1\.001kB/, "a bar does not move for every byte");
});

t.test("the lines of the next image are below", async (t) => {
  const text = shown(true, (tell) => {
    twoLayers(tell);
    twoLayers(tell);
  });
  const lines = screen(text);
  t.equal(lines.length, 9);
  t.same(lines.slice(0, 4), lines.slice(4, 8));
});

t.test("quiet", async (t) => {
  t.equal(shown(true, twoLayers, true), "");
});

t.test("TSNS_PROGRESS says it where it is another reader than it seems", async (t) => {
  t.equal(shown(false, twoLayers, false, "tty"), shown(true, twoLayers));
  t.equal(shown(true, twoLayers, false, "plain"), shown(false, twoLayers));
  t.equal(shown(true, twoLayers, false, "auto"), shown(true, twoLayers));
  t.equal(shown(false, twoLayers, false, ""), shown(false, twoLayers));
  t.equal(shown(false, twoLayers, true, "tty"), "", "quiet is quiet");
  t.throws(() => shown(true, twoLayers, false, "fancy"), { message: /invalid TSNS_PROGRESS "fancy"/, hint: /auto, plain or tty/ });
});
