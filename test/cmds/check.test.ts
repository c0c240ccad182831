// How `tsns check` presents what was found, and its exit code.
import t from "tap";
import { exitCodeOf, renderMissing } from "../../cmds/check.ts";
import { listFeatures } from "../../src/engine/check/check.ts";
import type { FeatureView } from "../../src/engine/check/feature.ts";
import { openEngine } from "../../src/engine/engine.ts";

const view = (name: string, state: FeatureView["state"], essential = false): FeatureView => ({
  name,
  state,
  essential,
  group: "links",
  how: "tried",
  without: "less",
  get: "a newer kernel",
});

t.test("exit codes", async (t) => {
  t.equal(exitCodeOf([view("a", "yes", true), view("b", "no"), view("c", "limited", true)], false), 0);
  t.equal(exitCodeOf([view("a", "no", true)], false), 1);
  t.equal(exitCodeOf([view("a", "unknown", true)], false), 0, "an ordinary user's host may be fine");
  t.equal(exitCodeOf([view("a", "no")], true), 1);
  t.equal(exitCodeOf([view("a", "unknown")], true), 1);
  t.equal(exitCodeOf([view("a", "limited"), view("b", "yes")], true), 0);
});

t.test("what is missing, and what only root can tell", async (t) => {
  const text = renderMissing([view("a", "yes"), view("b", "no", true), view("c", "limited"), view("d", "unknown")]);
  t.equal(
    text,
    [
      "",
      "b: missing, needed by tsns run\n  without it: less\n  to get it:  a newer kernel",
      "c: limited\n  without it: less\n  to get it:  a newer kernel",
      "",
      "Only root can find out: d\n",
    ].join("\n"),
  );
  t.equal(renderMissing([view("a", "yes")]), "");
});

t.test("every feature says what tsns does without it and how to get it", async (t) => {
  for (const { name, without, get } of listFeatures(openEngine("/nonexistent/root"))) {
    t.match(name, /^[a-z0-9][a-z0-9_.-]*$/);
    t.match(without, /\w.*[^.]$/, name);
    t.match(get, /\w.*/, name);
  }
});
