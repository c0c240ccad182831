// docker's --device.
import t from "tap";
import { parseDevice } from "../../src/container/device.ts";

t.test("host path, path inside, access", async (t) => {
  const cases: [string, string, string, string][] = [
    ["/dev/a", "/dev/a", "/dev/a", "rwm"],
    ["/dev/a:/dev/b", "/dev/a", "/dev/b", "rwm"],
    ["/dev/a:r", "/dev/a", "/dev/a", "r"],
    ["/dev/a:mw", "/dev/a", "/dev/a", "wm"],
    ["/dev/a:/dev/b:mrw", "/dev/a", "/dev/b", "rwm"],
    ["/dev//snd/", "/dev/snd/", "/dev/snd", "rwm"],
    ["/dev/a:/srv/../dev/b", "/dev/a", "/dev/b", "rwm"],
  ];
  for (const [text, hostPath, containerPath, access] of cases) t.match(parseDevice(text), { hostPath, containerPath, access }, text);
});

t.test("no such thing", async (t) => {
  const cases: [string, RegExp][] = [
    ["", /bad format for path/],
    ["dev/a", /bad format for path/],
    ["/dev/a:/b:r:x", /bad format for path/],
    ["/dev/a:/b:rr", /bad mode specified: rr/],
    ["/dev/a:/b:", /bad mode specified: /],
    ["/dev/a:x", /x is not an absolute path/],
    ["/dev/a:", /is not an absolute path/],
    ["/dev/a:/", /root directory/],
    ["nvidia.com/gpu=all", /CDI device injection is not supported/],
  ];
  for (const [text, message] of cases) t.throws(() => parseDevice(text), { kind: "invalid", message }, text);
});
