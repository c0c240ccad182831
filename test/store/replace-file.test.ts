import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import t from "tap";
import { replaceFile } from "../../src/store/replace-file.ts";

t.test("whole, with its mode, in the place of what was there", async (t) => {
  const place = t.testdir({ file: "old and long" });
  replaceFile(`${place}/file`, "new", 0o600);
  t.equal(readFileSync(`${place}/file`, "utf8"), "new");
  t.equal(statSync(`${place}/file`).mode & 0o777, 0o600);
  t.same(readdirSync(place), ["file"]);
});

t.test("a link in its way is not followed, a file not taken over", async (t) => {
  const place = t.testdir({ victim: "precious" });
  symlinkSync(`${place}/victim`, `${place}/.file.new`);
  replaceFile(`${place}/file`, "new", 0o644);
  t.equal(readFileSync(`${place}/victim`, "utf8"), "precious");
  t.ok(lstatSync(`${place}/file`).isFile());
  const open = openSync(`${place}/.file.new`, "w+");
  replaceFile(`${place}/file`, "newer", 0o644);
  t.not(statSync(`${place}/file`).ino, fstatSync(open).ino);
  closeSync(open);
});

t.test("what cannot be leaves nothing behind", async (t) => {
  const place = t.testdir({ directory: {} });
  t.throws(() => replaceFile(`${place}/directory`, "x", 0o644, "elsewhere"), {
    code: "kernel-eisdir",
    message: `rename ${place}/directory: is a directory`,
    hint: "elsewhere",
  });
  t.same(readdirSync(place), ["directory"]);
  t.throws(() => replaceFile(`${place}/none/file`, "x", 0o644), { code: "kernel-enoent", message: /none\/file: no such/ });
  mkdirSync(`${place}/.file.new`);
  writeFileSync(`${place}/.file.new/theirs`, "");
  t.throws(() => replaceFile(`${place}/file`, "x", 0o644), { message: new RegExp(`${place}/file: `) });
  t.same(readdirSync(`${place}/.file.new`), ["theirs"]);
});
