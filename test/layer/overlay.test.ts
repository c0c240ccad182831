// Overlay's options as kernels print them: docker's, podman's, ours, odd paths.
import { readFileSync } from "node:fs";
import t from "tap";
import { parseOverlay } from "../../src/layer/overlay.ts";
import { parseMountInfo } from "../../src/mount/state.ts";
import { overlayData } from "../../src/plan/overlay.ts";

const overlayOf = (name: string) => {
  const text = readFileSync(new URL(`../mount/fixture/${name}`, import.meta.url), "utf8");
  const mount = parseMountInfo(text).find(({ type }) => type === "overlay");
  return parseOverlay(mount?.superOptions ?? []);
};

t.test("docker's and podman's", async (t) => {
  const docker = overlayOf("docker.txt");
  t.equal(docker.lower.length, 2);
  t.match(docker.lower[0], /^\/var\/lib\/docker\/overlay2\/l\/[A-Z0-9]{26}$/);
  t.match(docker.upper, /\/diff$/);
  t.match(docker.work, /\/work$/);
  const podman = overlayOf("podman.txt");
  t.ok(podman.lower.length >= 1);
  t.match(podman.lower[0], /^\/var\/lib\/containers\/storage\/overlay\/l\/[A-Z0-9]{26}$/);
  t.match(podman.upper, /\/diff$/);
  t.notOk(podman.options.some((option) => /dir=/.test(option)));
});

t.test("one option for each lower directory", async (t) => {
  const options = ["rw", "lowerdir+=/a\\054b", "lowerdir+=/c:d", "datadir+=/data", "upperdir=/u", "workdir=/w", "metacopy=on"];
  t.same(parseOverlay(options), { lower: ["/a,b", "/c:d"], data: ["/data"], upper: "/u", work: "/w", options: ["metacopy=on"] });
});

t.test("a list with escapes", async (t) => {
  // lowerdir=/a\,b:/c\:d:/e\\f::/data, as seq_show_option prints it
  const text = "lowerdir=/a\\134\\054b:/c\\134:d:/e\\134\\134f:/g\\040h::/data";
  t.same(parseOverlay([text, "userxattr"]), { lower: ["/a,b", "/c:d", "/e\\f", "/g h"], data: ["/data"], options: ["userxattr"] });
});

t.test("what is given to mount(2) comes back", async (t) => {
  const lower = ["/a,b", "/c:d", "/e\\f", "/plain"];
  const data = overlayData({ lower, upper: "/u,p", work: "/w:k" }, ["index=off"]);
  // the kernel prints what it was given, with commas, blanks and backslashes as octal
  const options = data.split(/(?<!\\),/).map((option) => option.replaceAll("\\", "\\134").replaceAll(",", "\\054"));
  t.same(parseOverlay(options), { lower, data: [], upper: "/u,p", work: "/w:k", options: ["index=off"] });
});

t.test("what separates is escaped", async (t) => {
  const data = overlayData({ lower: ["/a:b", "/c,d"], upper: "/u\\v", work: "/w" });
  t.equal(data, "lowerdir=/a\\:b:/c\\,d,upperdir=/u\\\\v,workdir=/w");
});
