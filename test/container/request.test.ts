// The image's defaults under what was asked for, by docker's rules.
import t from "tap";
import { mergeImage } from "../../src/container/request.ts";
import type { ImageConfig } from "../../src/image/spec.ts";
import { makeImage, makeRequest, testId } from "../fixture/request.ts";

const config: Partial<ImageConfig> = {
  entrypoint: ["/entry", "-x"],
  cmd: ["default"],
  env: ["PATH=/bin", "A=image", "B=image"],
  workingDirectory: "/srv",
  user: "daemon",
  labels: { a: "image", b: "image" },
  stopSignal: "SIGQUIT",
};
const merge = (asked: Parameters<typeof makeRequest>[0], image = config) =>
  mergeImage(makeRequest(asked), makeImage(image), testId, "machine");

t.test("command and entrypoint", async (t) => {
  const words = (asked: Parameters<typeof makeRequest>[0], image = config) => {
    const { entrypoint, cmd } = merge(asked, image);
    return [entrypoint, cmd];
  };
  t.same(words({}), [["/entry", "-x"], ["default"]]);
  t.same(words({ command: ["a", "b"] }), [
    ["/entry", "-x"],
    ["a", "b"],
  ]);
  t.same(words({ entrypoint: "/own" }), [["/own"], []], "with an entrypoint the image's command goes");
  t.same(words({ entrypoint: "", command: ["a"] }), [[], ["a"]]);
  t.throws(() => words({ entrypoint: "" }), { code: "no-command", exitCode: 125 });
  t.throws(() => words({}, { cmd: [] }), { code: "no-command" });
});

t.test("environment, user, directory, labels, signal", async (t) => {
  t.match(merge({}), { env: config.env, workingDirectory: "/srv", user: "daemon", stopSignal: "SIGQUIT", stopTimeoutSeconds: 10 });
  const asked = merge({
    env: ["C=asked", "A=asked", "B"],
    workingDirectory: "/w",
    user: "0",
    labels: { b: "asked", c: "" },
    stopSignal: "9",
    stopTimeoutSeconds: 0,
  });
  t.same(asked.env, ["PATH=/bin", "A=asked", "B", "C=asked"], "in the image's place");
  t.same(asked.labels, { a: "image", b: "asked", c: "" });
  t.match(asked, { workingDirectory: "/w", user: "0", stopSignal: "9", stopTimeoutSeconds: 0 });
  t.match(merge({ workingDirectory: "", user: "" }), { workingDirectory: "/srv", user: "daemon" }, "empty is not given");
  t.equal(merge({}, { cmd: ["x"] }).workingDirectory, "/");
  t.throws(() => merge({ workingDirectory: "srv" }), { code: "bad-workdir", exitCode: 125 });
  t.throws(() => merge({}, { ...config, stopSignal: "NONE" }), { code: "unknown-signal" });
});

t.test("host name", async (t) => {
  t.equal(merge({}).hostname, testId.slice(0, 12));
  t.equal(merge({ hostname: "h" }).hostname, "h");
  t.equal(merge({ uts: { mode: "host" } }).hostname, "machine");
  t.equal(merge({ network: { mode: "host" } }).hostname, "machine");
  t.equal(merge({ network: { mode: "host" }, hostname: "h" }).hostname, "h");
  const other = makeRequest({ network: { mode: "container", container: "x" } });
  t.equal(mergeImage(other, makeImage(config), testId, "theirs").hostname, "theirs");
  t.equal(mergeImage(other, makeImage(config), testId, undefined).hostname, testId.slice(0, 12), "the other one is made later");
});

t.test("standard input closes with the first client only if that is attached", async (t) => {
  t.equal(merge({ openStdin: true }).stdinOnce, true);
  t.equal(merge({ openStdin: true, attached: false }).stdinOnce, false);
  t.equal(merge({ openStdin: false }).stdinOnce, false);
});
