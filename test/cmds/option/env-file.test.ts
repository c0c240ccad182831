// Files of environment variables, as docker reads them.
import t from "tap";
import { parseEnvFile, readEnvFiles } from "../../../cmds/option/env-file.ts";

const lookUp = (name: string) => (name === "HOME" ? "/root" : undefined);
const parse = (text: string | Uint8Array) => parseEnvFile("f", typeof text === "string" ? Buffer.from(text) : text, lookUp);

t.test("lines", async (t) => {
  t.same(parse(""), []);
  t.same(parse("A=1\nB=2"), ["A=1", "B=2"]);
  t.same(parse("\n  \n# comment\n   #another\nA=1 # part of it\n"), ["A=1 # part of it"]);
  t.same(parse("  A= spaces stay \n"), ["A= spaces stay "]);
  t.same(parse("A=1\r\nB=2\r\n"), ["A=1", "B=2"]);
  t.same(parse("\ufeffA=1\n"), ["A=1"], "a byte order mark");
  t.same(parse(`Q="quoted"\nE=\nX=a=b\n`), [`Q="quoted"`, "E=", "X=a=b"]);
  t.same(parse("HOME\nNOSUCH\n"), ["HOME=/root"], "a name alone is this process's, or nothing");
});

t.test("what is wrong", async (t) => {
  const says = (text: string | Uint8Array, message: string) =>
    t.throws(() => parse(text), { code: "bad-env-file", exitCode: 1, message }, message);
  says("A=1\n=2\n", "invalid env file (f): no variable name on line '=2'");
  says("A B=1", "invalid env file (f): variable 'A B' contains whitespaces");
  says(`${"x".repeat(1e6)} B`, `invalid env file (f): variable '${"x".repeat(79)}…' contains whitespaces`);
  says("A =1", "invalid env file (f): variable 'A ' contains whitespaces");
  says(Uint8Array.of(0xff, 0x3d, 0x31), "invalid env file (f): invalid utf8 bytes at line 1: [255 61 49]");
  t.throws(() => readEnvFiles("/nowhere", ["f"]), { message: "open f: no such file or directory", exitCode: 1 });
  t.throws(() => readEnvFiles("/", ["tmp"]), { message: "open tmp: is a directory" });
  t.same(readEnvFiles("/", undefined), []);
});
