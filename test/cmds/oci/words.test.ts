import t from "tap";
import { globalOptions } from "../../../cmds/oci/global.ts";
import { doubleDashes, wordFirst } from "../../../cmds/oci/words.ts";

t.test("options before the word go behind it", async (t) => {
  const cases: readonly (readonly [given: string, wanted: string])[] = [
    ["create -b /b x", "create -b /b x"],
    ["--root /r --log=/l --debug create -b /b x", "create --root=/r --log=/l --debug -b /b x"],
    ["-root /r -systemd-cgroup kill x 9", "kill --root=/r --systemd-cgroup x 9"],
    ["--rootless true spec --rootless", "spec --rootless-cgroup=true --rootless"],
    ["--version", "version"],
    ["--root /r -v", "version --root=/r"],
    ["--debug help", "--help"],
    ["h exec", "exec --help"],
    ["help --root /r exec x", "exec --help"],
    ["help help", "--help"],
    ["--bogus create", "--bogus create"],
    ["--root", "--root"],
    ["--debug --help", "--help"],
    ["", ""],
  ];
  const split = (text: string) => text.split(" ").filter((word) => word !== "");
  for (const [given, wanted] of cases) t.same(wordFirst(split(given)), split(wanted), given);
  t.same(wordFirst(["--root", "--debug", "list"]), ["list", "--root=--debug"], "a value is whatever follows");
});

t.test("one dash before a long name is two", async (t) => {
  const table = {
    ...globalOptions,
    bundle: { type: "string", short: "b", describe: "" },
    tty: { type: "boolean", short: "t", describe: "" },
  } as const;
  t.same(doubleDashes(table, ["-bundle", "/b", "-tty", "x"], true), ["--bundle", "/b", "--tty", "x"]);
  t.same(doubleDashes(table, ["-bundle=/b", "-b", "-tty", "-t"], true), ["--bundle=/b", "-b", "-tty", "-t"], "a value stays as it is");
  t.same(doubleDashes(table, ["x", "-tty"], false), ["x", "-tty"], "what follows the first argument is somebody else's");
  t.same(doubleDashes(table, ["--", "-tty"], true), ["--", "-tty"]);
  t.same(doubleDashes(table, ["-help"], true), ["--help"]);
});
