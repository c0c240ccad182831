// What cp, --expose, --link, --add-host and rates are written with, and queue messages, whatever they are: a value or a TsnsError.
import fc from "fast-check";
import t from "tap";
import { parseAttachment } from "../../cmds/option/create/attachment.ts";
import { parseNetworkChoices } from "../../cmds/option/create/network-choice.ts";
import { parseExtraHost } from "../../cmds/option/create/network-name.ts";
import { TsnsError } from "../../src/base/error.ts";
import { copyBase, parseCopySide } from "../../src/container/copy-place.ts";
import { parseLink } from "../../src/container/link.ts";
import { parseExpose } from "../../src/network/expose.ts";
import { parseRateMessage } from "../../src/network/message-qdisc.ts";
import { parseRate } from "../../src/network/rate.ts";

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  parseExpose,
  parseLink,
  parseExtraHost,
  parseNetworkChoices: (text) => parseNetworkChoices([text]),
  parseAttachment: (text) => parseNetworkChoices([`name=x,${text}`]).map((choice) => parseAttachment(choice)),
  parseRate: (text) => parseRate(text, "--in"),
};
const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z.:=,/[\]-]{0,20}$/));

for (const [name, parse] of Object.entries(parsers)) {
  t.test(`${name} of any text`, async () => {
    fc.assert(
      fc.property(text, (any) => {
        try {
          parse(any);
        } catch (error) {
          if (!(error instanceof TsnsError && error.kind === "invalid")) throw error;
        }
      }),
    );
  });
}

t.test("a copy never goes by a name that leads up", async () => {
  fc.assert(fc.property(fc.stringMatching(/^[a./]{0,12}$/), (path) => ![".."].includes(copyBase(path)) && !copyBase(path).includes("/")));
  fc.assert(fc.property(text, (any) => parseCopySide(any).kind.length > 0));
});

t.test("queue messages of any bytes", async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseRateMessage(bytes);
    }),
  );
});
