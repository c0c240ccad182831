import t from "tap";
import { openTokens } from "../../../src/engine/registry-serve/token.ts";

t.test("a token says who it was given to, for its time, at this registry", async (t) => {
  let nowMs = 1_000_000;
  const tokens = openTokens({ lifeSeconds: 60, nowMs: () => nowMs });
  const [ann, everybody] = [tokens.issue("ann"), tokens.issue(undefined)];
  t.match(ann, /^[\w-]+\.[\w-]+$/, "fits into a header");
  t.same(tokens.read(ann), { user: "ann" });
  t.same(tokens.read(everybody), { user: undefined });
  const forged = `${Buffer.from('{"user":"ann","untilMs":9999999999999}').toString("base64url")}.${ann.split(".")[1]}`;
  for (const wrong of ["", ".", "x", ann.slice(1), `${ann}.`, `${ann}a`, ann.split(".")[0] ?? "", forged])
    t.equal(tokens.read(wrong), undefined, wrong);
  t.equal(openTokens({ nowMs: () => nowMs }).read(ann), undefined, "none of another registry");
  nowMs += 59_999;
  t.same(tokens.read(ann), { user: "ann" });
  nowMs += 1;
  t.equal(tokens.read(ann), undefined);
});
