// HEALTHCHECK: in image configurations and as an instruction of --change.
import t from "tap";
import { applyChanges } from "../../src/image/change.ts";
import { emptyConfig, parseImageConfig, renderConfig, renderImageConfig } from "../../src/image/config.ts";

const blob = (config: Record<string, unknown>) =>
  JSON.stringify({ architecture: "amd64", os: "linux", created: "2026-01-01T00:00:00Z", config, rootfs: { type: "layers", diff_ids: [] } });

t.test("a configuration that is read and written again keeps it", async (t) => {
  const Healthcheck = { Test: ["CMD-SHELL", "x"], Interval: 30e9, Timeout: 1e9, StartPeriod: 2e9, StartInterval: 3e9, Retries: 4 };
  const config = { Healthcheck, Shell: ["/bin/ash", "-c"], OnBuild: ["RUN x"] };
  const image = parseImageConfig(blob(config));
  t.same(renderConfig(image.config), config);
  t.same(parseImageConfig(renderImageConfig(image)), image);
  t.same(renderConfig(parseImageConfig(blob({ Healthcheck: { Test: ["NONE"], Interval: 0 } })).config), {
    Healthcheck: { Test: ["NONE"] },
  });
  for (const none of [{}, { Healthcheck: null }]) t.notOk("healthcheck" in parseImageConfig(blob(none)).config);
});

t.test("what is no health check is named", async (t) => {
  for (const [value, message] of [
    [[], /config.Healthcheck is not an object/],
    [{ Test: "x" }, /config.Healthcheck.Test is not a list of strings/],
    [{ Interval: "1s" }, /config.Healthcheck.Interval is not a whole number/],
    [{ Retries: -1 }, /config.Healthcheck.Retries is not a whole number/],
  ] as const)
    t.throws(() => parseImageConfig(blob({ Healthcheck: value })), { code: "bad-image-config", message });
});

t.test("the instruction", async (t) => {
  const change = (rest: string) => applyChanges(emptyConfig, [`HEALTHCHECK ${rest}`]).healthcheck;
  t.same(change("NONE"), { test: ["NONE"] });
  t.same(change("CMD curl -f http://localhost/ || exit 1"), { test: ["CMD-SHELL", "curl -f http://localhost/ || exit 1"] });
  t.same(change('--interval=1m30s --timeout=5s --start-period=1s --start-interval=500ms --retries=2 CMD ["/a", "b"]'), {
    test: ["CMD", "/a", "b"],
    intervalNanos: 90e9,
    timeoutNanos: 5e9,
    startPeriodNanos: 1e9,
    startIntervalNanos: 5e8,
    retries: 2,
  });
  for (const wrong of [
    "maybe",
    "CMD",
    "NONE x",
    "--interval=soon CMD x",
    "--retries=0 CMD x",
    "--colour=red CMD x",
    "--interval=1us CMD x",
  ])
    t.throws(() => change(wrong), { code: "bad-change" }, wrong);
});
