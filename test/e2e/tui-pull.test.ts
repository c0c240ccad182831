// A pull from the dashboard: what comes is seen while it comes, from a registry that gives a layer little by little.
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import t from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { command, makeRoot } from "../fixture/data-root.ts";
import { addImage, emptyContent, serveContent } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";
import { openTerminal } from "../fixture/terminal.ts";
import { waitFor } from "../fixture/wait.ts";

const layerBytes = 4_000_000;
const stepBytes = 10_000;

t.test("the bytes of a layer move while it comes", { ...needRoot, buffered: true }, async (t) => {
  const content = emptyContent();
  const noise = makeTar([{ path: "noise", type: "file", data: randomBytes(layerBytes) }]);
  const { layers } = addImage(content, "1", { tars: [makeBusyboxTar(), noise], pack: (tar) => tar });
  const slow = layers[1]?.digest ?? "";
  const bytes = content.blobs.get(slow) ?? Buffer.alloc(0);
  let held: ServerResponse | undefined;
  const { host } = await serveContent(t, content, ({ url = "" }, response) => {
    if (!url.endsWith(slow)) return false;
    held = response.writeHead(200, { "content-length": bytes.length });
    return true;
  });
  const root = makeRoot(t);
  const terminal = openTerminal(t, [command, "tui", "--view", "images"], { env: root.env(), columns: 100, rows: 30 });
  await terminal.see(/\[2 Images\]/);
  terminal.press("p");
  await terminal.see(/Which image\?/);
  terminal.type(`${host}/app:1`);
  terminal.press("Enter");
  const id = slow.slice("sha256:".length).slice(0, 12);
  const seen = new RegExp(`Output[\\s\\S]*${id}: Downloading +(\\d+\\.?\\d*[kM]B)/4\\.00\\dMB[\\s\\S]*runs`);
  const amounts = new Set<string>();
  let sentBytes = 0;
  // It goes on giving until three different amounts were on the screen, and never gives the whole.
  await waitFor(
    () => `moving bytes: ${[...amounts].join(" ")}\n${terminal.screen()}`,
    () => {
      if (held && sentBytes < layerBytes / 2) {
        held.write(bytes.subarray(sentBytes, sentBytes + stepBytes));
        sentBytes += stepBytes;
      }
      const [, amount] = seen.exec(terminal.screen()) ?? [];
      if (amount !== undefined) amounts.add(amount);
      return amounts.size >= 3;
    },
  );
  held?.end(bytes.subarray(sentBytes));
  await terminal.see(new RegExp(`${id}: Pull complete[\\s\\S]*Status: Downloaded newer image for ${host}/app:1[\\s\\S]*done`));
  t.equal([...terminal.screen().matchAll(new RegExp(`${id}:`, "g"))].length, 1, "one line for each layer");
  terminal.press("Enter");
  await terminal.see(/\S ▸ 127\.0\.0\.1:\d+\/app:1/);
  terminal.press("q");
  t.equal(await terminal.exitCode(), 0);
});
