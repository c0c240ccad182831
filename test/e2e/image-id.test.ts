// Ids of images as people write them: short, with and without "sha256:", and so short that several images may be meant.
import t from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { type ArchiveImage, makeDockerArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";

const layer = makeBusyboxTar();

/** Two images whose ids begin with the same three digits, and no fourth; not those of the image host. */
function makeTwins(): { readonly images: readonly [ArchiveImage, ArchiveImage]; readonly ids: readonly [string, string] } {
  const seen = new Map<string, { readonly image: ArchiveImage; readonly id: string }>();
  for (let number = 0; ; number++) {
    const image: ArchiveImage = { layers: [layer], tags: [], config: { Cmd: ["true"], Labels: { number: String(number) } } };
    const id = sha256(renderTestConfig(image));
    const start = id.slice(0, 3);
    const twin = seen.get(start);
    if (!twin || twin.id[3] === id[3] || start === "0ed" || !/[a-f]/.test(start)) seen.set(start, { image, id });
    else
      return {
        images: [
          { ...twin.image, tags: ["one:1"] },
          { ...image, tags: ["two:1"] },
        ],
        ids: [twin.id, id],
      };
  }
}

t.test("an id that several images begin with names them, a longer one is the image", needRoot, async (t) => {
  const root = makeRoot(t);
  const { images, ids } = makeTwins();
  const [one, two] = ids;
  const [short, own] = [one.slice(0, 3), one.slice(0, 4)];
  await root.ok(["load"], { input: makeDockerArchive(images) });
  await root.ok(["create", "--name", "first", "one:1"]);
  await root.ok(["create", "--name", "second", two.slice(0, 4)]);

  const both = [one, two].map((id) => id.slice(0, 12)).sort();
  const said = `tsns: image id ${short} is ambiguous: ${both.join(", ")} (give more digits of the id)\n`;
  const commands: readonly (readonly string[])[] = [
    ["run", "--rm", "--network", "none", short],
    ["create", short],
    ["tag", short, "x:1"],
    ["rmi", short],
    ["rmi", "-f", short],
    ["save", "-o", `${root.path}/never.tar`, short],
    ["history", short],
    ["image", "inspect", short],
    ["inspect", short],
    ["image", "blame", short, "/bin/sh"],
    ["image", "du", short],
    ["image", "diff", short, "one:1"],
    ["image", "diff", "one:1", short],
    ["image", "mount", short],
    ["image", "unmount", short],
    ["images", "--filter", `since=${short}`],
    ["images", "--filter", `before=${short}`],
    ["ps", "-a", "--filter", `ancestor=${short}`],
  ];
  const outcomes = await Promise.all(commands.map((args) => root.tsns(args)));
  for (const [at, { code, stderr, stdout }] of outcomes.entries()) {
    const name = commands[at]?.join(" ") ?? "";
    t.equal(stderr, said, name);
    t.equal(code, name.startsWith("run") ? 125 : 1, name);
    t.match(stdout, /^(\[\]\n)?$/, name);
  }
  t.match(
    await root.tsns(["push", own]),
    { code: 1, stderr: /An image does not exist locally with the tag: / },
    "an id is no name to push",
  );

  for (const id of [own, `sha256:${own}`, one, `sha256:${one}`]) {
    t.equal(await root.ok(["image", "inspect", "-f", "{{.Id}}", id]), `sha256:${one}`);
    t.equal(await root.ok(["ps", "-a", "--filter", `ancestor=${id}`, "--format", "{{.Names}}"]), "first");
  }
  t.equal(await root.ok(["history", "-q", "--no-trunc", own]), `sha256:${one}`);
  await root.ok(["tag", own, "named:by-id"]);
  t.equal(
    await root.ok(["ps", "-a", "--filter", "ancestor=named:by-id", "--format", "{{.Names}}"]),
    "first",
    "whatever it was called then",
  );
  t.equal(await root.ok(["ps", "-a", "--filter", "ancestor=two:1", "--format", "{{.Names}}"]), "second");
  t.equal(await root.ok(["ps", "-a", "--filter", "ancestor=nosuch", "-q"]), "");

  const made = await root.ok(["commit", "first", "made:1"]);
  await root.ok(["create", "--name", "third", "made:1"]);
  t.equal(
    await root.ok(["ps", "-a", "--filter", `ancestor=${own}`, "--format", "{{.Names}}"]),
    "third\nfirst",
    "and of those made from it",
  );
  t.equal(await root.ok(["ps", "-a", "--filter", `ancestor=${made}`, "--format", "{{.Names}}"]), "third");
});
