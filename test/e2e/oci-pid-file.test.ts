// --pid-file in a directory where others write as well: what they have put in its way is neither followed nor taken over.
import {
  closeSync,
  existsSync,
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
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const inGroup = (config: Document) => {
  config.linux.cgroupsPath = `/tsns-oci-test-${process.pid}-pid-file`;
};

/** As the programs call what becomes the file: Node, native. */
const temporary = [".pid.new", ".pid"];

t.test("a link under the name of the temporary file", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  for (const words of [["run"], ["run", "-d"], ["create"]]) {
    const bundle = box.bundle(words.includes("-d") ? "sleep 100" : "true", inGroup);
    const place = `${bundle}/place`;
    mkdirSync(place);
    writeFileSync(`${bundle}/victim`, "precious");
    for (const name of temporary) symlinkSync(`${bundle}/victim`, `${place}/${name}`);
    t.equal(box.oci([...words, "-b", bundle, "--pid-file", `${place}/pid`, "box"]).status, 0, words.join(" "));
    t.equal(readFileSync(`${bundle}/victim`, "utf8"), "precious", words.join(" "));
    t.ok(lstatSync(`${place}/pid`).isFile());
    t.match(readFileSync(`${place}/pid`, "utf8"), /^\d+$/);
    box.oci(["delete", "--force", "box"]);
  }
});

t.test("a file of somebody else's under that name", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  for (const words of [["run"], ["create"]]) {
    const bundle = box.bundle("true", inGroup);
    const place = `${bundle}/place`;
    mkdirSync(place);
    const held = temporary.map((name) => openSync(`${place}/${name}`, "w+", 0o666));
    t.equal(box.oci([...words, "-b", bundle, "--pid-file", `${place}/pid`, "box"]).status, 0, words.join(" "));
    const made = statSync(`${place}/pid`);
    for (const fd of held) {
      t.not(fstatSync(fd).ino, made.ino, `${words}: who has it open has another file`);
      closeSync(fd);
    }
    t.equal(made.mode & 0o777, 0o644);
    box.oci(["delete", "--force", "box"]);
  }
});

t.test("a pid file that cannot be", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  for (const words of [["run"], ["run", "-d"], ["create"]]) {
    const bundle = box.bundle("sleep 100", inGroup);
    const place = `${bundle}/place`;
    mkdirSync(`${place}/pid`, { recursive: true });
    t.match(box.oci([...words, "-b", bundle, "--pid-file", `${place}/pid`, "box"]), { status: 1, stderr: /place\/pid: is a directory/ });
    t.same(readdirSync(place), ["pid"], `${words}: nothing is left beside it`);
    t.notOk(existsSync(`${box.root}/box`));
  }
});
