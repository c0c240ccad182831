// An image from an address: streamed into the store, in docker's words, and nothing left when it fails.
import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t from "tap";
import { renderTarHeader, tarEnd } from "../../src/image/tar-write.ts";
import { makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { startFake } from "../fixture/fake-registry.ts";
import { measure } from "../fixture/memory.ts";
import { needRoot } from "../fixture/root.ts";

const mib = 2 ** 20;
const largeMib = 250;

t.test("import of an address", needRoot, async (t) => {
  const root = makeRoot(t);
  const archive = gzipSync(makeTar([{ path: "etc/name", type: "file", data: "value" }]));
  const { host, asked } = await startFake(t, ({ url }, response) => {
    if (url === "/x.tar.gz") response.end(archive);
    else if (url === "/moved") response.writeHead(302, { location: "/x.tar.gz" }).end();
    else if (url === "/half")
      response.writeHead(200, { "content-length": archive.length }).write(archive.subarray(0, 50), () => response.destroy());
    else response.writeHead(404).end("<html>\nnothing");
  });
  const from = `http://${host}`;
  const id = /^Downloading from (\S+)\n(sha256:[0-9a-f]{64})\n$/.exec(
    (await root.tsns(["import", "-c", 'CMD ["a"]', `${from}/x.tar.gz`, "a:1"])).stdout,
  );
  t.equal(id?.[1], `${from}/x.tar.gz`);
  const inspect = (name: string) =>
    root.ok(["image", "inspect", "-f", "{{.Id}} {{.Comment}} {{json .Config.Cmd}} {{.Architecture}}", name]);
  t.match(await inspect("a:1"), `${id?.[2]} Imported from ${from}/x.tar.gz ["a"]`);
  await root.ok(["import", "-m", "by hand", "--platform", "linux/arm64", `${from}/moved`, "a:2"]);
  t.match(await inspect("a:2"), /^\S+ by hand null arm64/);
  const before = asked.length;
  await root.ok(["import", "--dry-run", `${from}/x.tar.gz`]);
  t.equal(asked.length, before, "a dry run asks for nothing");

  const refuse = async (address: string, stderr: RegExp) =>
    t.match(await root.tsns(["import", address, "b"]), { code: 1, stderr }, address);
  await refuse(`${from}/none`, new RegExp(`^tsns: failed to GET ${from}/none with status 404 Not Found [^\n]*\n$`));
  await refuse(`${from}/half`, new RegExp(`^tsns: ${from}/half: the download broke off after 50 bytes [^\n]*\n$`));
  await refuse("ftp://h/x.tar", /^tsns: cannot import from the address ftp:\/\/h\/x\.tar [^\n]*\n$/);
  await refuse("http://", /^tsns: cannot import from the address http:\/\/ [^\n]*\n$/);
  t.equal(await root.ok(["images", "-q", "b"]), "");
  t.same(readdirSync(`${root.path}/tmp`), [], "nothing is left");
});

t.test("a large one is not held in memory", needRoot, async (t) => {
  const root = makeRoot(t);
  const { host } = await startFake(t, (_, response) => {
    response.write(renderTarHeader({ path: "zeros", type: "file", sizeBytes: largeMib * mib }));
    const piece = Buffer.alloc(mib);
    let left = largeMib;
    const more = () => {
      while (left > 0) {
        left--;
        if (!response.write(piece)) return;
      }
      if (!response.writableEnded) response.end(tarEnd());
    };
    response.on("drain", more);
    more();
  });
  const { code, stderr, memoryKiB } = await measure(root, ["import", `http://${host}/large.tar`, "large"]);
  t.equal(code, 0, stderr);
  t.ok(memoryKiB < 200 * 1024, `${memoryKiB} KiB`);
});
