// config.md of the runtime specification: POSIX-platform Hooks, as far as the document tells.
import t from "tap";
import { hookPoints } from "../../../src/runtime/config/hook.ts";
import { configOf, wrongWith } from "../../fixture/oci-config.ts";

t.test("Hooks: six points, each in the listed order", async (t) => {
  const hooks = Object.fromEntries(hookPoints.map((point) => [point, [{ path: `/${point}/1` }, { path: `/${point}/2` }]]));
  const read = configOf({ hooks }).hooks;
  for (const point of hookPoints)
    t.same(
      read[point].map(({ path }) => path),
      [`/${point}/1`, `/${point}/2`],
    );
  const none = configOf({ hooks: { prestart: null } }).hooks;
  for (const point of hookPoints) t.same(none[point], []);
  t.equal(wrongWith({ hooks: [] }), "hooks: is not an object");
  t.equal(wrongWith({ hooks: { prestart: {} } }), "hooks.prestart: is not a list");
});

t.test("Hooks: path REQUIRED, MUST be absolute", async (t) => {
  for (const point of hookPoints) {
    t.equal(wrongWith({ hooks: { [point]: [{}] } }), `hooks.${point}[0].path: is missing`);
    t.equal(wrongWith({ hooks: { [point]: [{ path: "bin/h" }] } }), `hooks.${point}[0].path: "bin/h" is not an absolute path`);
  }
});

t.test("Hooks: timeout MUST be greater than zero", async (t) => {
  for (const timeout of [0, -1, 0.5, "5"])
    t.match(wrongWith({ hooks: { poststart: [{ path: "/h", timeout }] } }), /^hooks.poststart\[0\].timeout: /);
  t.equal(configOf({ hooks: { poststart: [{ path: "/h", timeout: 5 }] } }).hooks.poststart[0]?.timeout, 5);
  t.notOk("timeout" in (configOf({ hooks: { poststart: [{ path: "/h" }] } }).hooks.poststart[0] ?? {}));
});

t.test("Hooks: args as argv, env as environ", async (t) => {
  const { poststop } = configOf({
    hooks: { poststop: [{ path: "/h", args: ["h", "-f"], env: ["A=b"] }, { path: "/h" }, { path: "/h", env: [] }] },
  }).hooks;
  t.same(poststop, [
    { path: "/h", args: ["h", "-f"], env: ["A=b"] },
    { path: "/h", args: ["/h"] },
    { path: "/h", args: ["/h"], env: [] },
  ]);
  t.equal(wrongWith({ hooks: { poststop: [{ path: "/h", args: [1] }] } }), "hooks.poststop[0].args[0]: is not a string");
  t.match(wrongWith({ hooks: { poststop: [{ path: "/h", env: ["A=\0"] }] } }), /env\[0\]: has a NUL character/);
});
