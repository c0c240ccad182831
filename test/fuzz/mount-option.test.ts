// Any text after -v and --mount becomes a mount below the container's root or is refused; CSV is read as it is written.
import fc from "fast-check";
import t from "tap";
import { parseCsvLine } from "../../cmds/option/csv.ts";
import { parseTmpfs, parseVolume } from "../../cmds/option/mount.ts";
import { parseMount } from "../../cmds/option/mount-field.ts";
import { TsnsError } from "../../src/base/error.ts";
import type { MountSpec } from "../../src/container/spec/storage.ts";

const word = fc.constantFrom(
  "/",
  "..",
  ".",
  ":",
  ",",
  "=",
  '"',
  "a",
  "bb",
  "type",
  "bind",
  "volume",
  "tmpfs",
  "src",
  "dst",
  "ro",
  "target",
  "volume-opt",
  "volume-subpath",
  "\n",
  "\0",
  "é",
);
const text = fc.oneof(
  fc.string(),
  fc.array(word, { maxLength: 24 }).map((words) => words.join("")),
);

function isSound(parse: () => MountSpec): boolean {
  let mount: MountSpec;
  try {
    mount = parse();
  } catch (error) {
    return error instanceof TsnsError && error.kind === "invalid";
  }
  const isInside = /^\/[^/]/.test(mount.target) && !mount.target.split("/").some((part) => part === "." || part === "..");
  if (mount.type === "bind") return isInside && mount.source.startsWith("/");
  if (mount.type === "tmpfs") return isInside;
  return isInside && !/[/:]/.test(mount.name) && !(mount.subpath ?? "").split("/").includes("..");
}

t.test("mounts", async () => {
  fc.assert(
    fc.property(
      text,
      (it) => isSound(() => parseVolume(it, "/cwd")) && isSound(() => parseMount(it, "/cwd")) && isSound(() => parseTmpfs(it)),
    ),
  );
});

t.test("csv", async () => {
  const field = fc.string().filter((it) => !/[\r\n]/.test(it));
  const quote = (it: string) => `"${it.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(field, { minLength: 1 }),
      (fields) => JSON.stringify(parseCsvLine(fields.map(quote).join(","))) === JSON.stringify(fields),
    ),
  );
  fc.assert(fc.property(fc.string(), (it) => (parseCsvLine(it) ?? [""]).length > 0));
});
