// Health checks of a container: what it says itself, what its image says, the numbers a monitor gets.
import t from "tap";
import { healthNumbers, mergeHealth, probeCommand } from "../../src/container/health.ts";
import { mergeImage } from "../../src/container/request.ts";
import { makeImage, makeRequest } from "../fixture/request.ts";

t.test("members that are not given are the image's", async (t) => {
  const image = { test: ["CMD", "/check"], intervalNanos: 5e9, retries: 7 };
  t.same(mergeHealth(undefined, image), image);
  t.same(mergeHealth({ intervalNanos: 1e9 }, image), { test: ["CMD", "/check"], intervalNanos: 1e9, retries: 7 });
  t.same(mergeHealth({ test: ["NONE"] }, image)?.test, ["NONE"]);
  t.same(mergeHealth({ test: ["CMD-SHELL", "x"] }, undefined), { test: ["CMD-SHELL", "x"] });
  t.equal(mergeHealth(undefined, undefined), undefined);
  const spec = mergeImage(
    makeRequest({ command: ["x"] }),
    makeImage({ healthcheck: image, shell: ["/bin/ash", "-c"] }),
    "1".repeat(64),
    "h",
  );
  t.same(spec.health, image);
  t.same(spec.healthShell, ["/bin/ash", "-c"]);
  t.notOk("health" in mergeImage(makeRequest({ command: ["x"] }), makeImage(), "1".repeat(64), "h"));
});

t.test("the command of a probe", async (t) => {
  t.same(probeCommand({ test: ["CMD", "a", "b c"] }, undefined), ["a", "b c"]);
  t.same(probeCommand({ test: ["CMD-SHELL", "a | b"] }, undefined), ["/bin/sh", "-c", "a | b"]);
  t.same(probeCommand({ test: ["CMD-SHELL", "a"] }, ["/bin/ash", "-ec"]), ["/bin/ash", "-ec", "a"]);
  for (const test of [["NONE"], [], ["CMD"], ["HTTP", "/"]]) t.equal(probeCommand({ test }, undefined), undefined);
  t.equal(probeCommand(undefined, undefined), undefined);
});

t.test("docker's defaults: 30 s, 30 s, none, 5 s, 3", async (t) => {
  t.same(healthNumbers({}), [30_000, 30_000, 0, 5000, 3]);
  const given = { intervalNanos: 1e6, timeoutNanos: 2.5e9, startPeriodNanos: 6e10, startIntervalNanos: 1.4e6, retries: 1 };
  t.same(healthNumbers(given), [1, 2500, 60_000, 1, 1]);
});
