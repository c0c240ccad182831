// Image commands beside docker's: the same words typed into both, the same lines and exit codes out of both.
import t, { type Test } from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot, type Outcome } from "../fixture/data-root.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";

const busybox = makeBusyboxTar();
const small = makeTar([{ path: "hi", type: "file", data: "hi\n" }]);

/** Ids of images and containers are each engine's own; layers are named by their contents, and so the same. */
function normalise({ code, stdout }: Outcome, ids: ReadonlyMap<string, string>): string {
  let text = stdout;
  for (const [id, name] of ids)
    text = text
      .replaceAll(id, name)
      .replaceAll(id.slice(0, 12), name)
      .replaceAll(id.replace(/^sha256:/, "").slice(0, 12), name);
  // tsns lists its built-in image, and has neither volumes nor moments in common with docker
  const lines = text.split("\n").filter((line) => !/^host |Local Volumes|Build Cache|Build cache|CACHE ID|VOLUME NAME/.test(line));
  return `${code}\n${lines.map((line) => line.replace(/(Less than a second|About a minute|\d+ (second|minute)s?)( ago)?/g, "MOMENT").replace(/ +/g, " ")).join("\n")}`;
}

type Both = (args: readonly string[], options?: { readonly input?: Buffer | string; readonly idAs?: string }) => Promise<void>;

async function openBoth(t: Test) {
  const root = makeRoot(t);
  const docker = await startDocker(t);
  const engines = [
    { run: root.tsns, ids: new Map<string, string>() },
    { run: docker.docker, ids: new Map<string, string>() },
  ];
  const both: Both = async (args, options = {}) => {
    const answers: string[] = [];
    for (const { run, ids } of engines) {
      const outcome = await run(args, options.input === undefined ? {} : { input: options.input });
      if (options.idAs !== undefined) ids.set(outcome.stdout.trim(), options.idAs);
      answers.push(normalise(outcome, ids));
      if (outcome.code !== 0) t.match(outcome.stderr, /\S/, `${args.join(" ")}: says why`);
    }
    t.equal(answers[0], answers[1], args.join(" "));
  };
  const members = () =>
    Promise.all(engines.map(async ({ run }) => Object.keys(JSON.parse((await run(["image", "inspect", "app:1"])).stdout)[0]).sort()));
  return { root, both, members };
}

t.test("the same words, the same answers", needRoot, async (t) => {
  const { root, both, members } = await openBoth(t);
  const change = ["--change", 'CMD ["/bin/sleep","100"]', "--change", "LABEL tier=web", "--message", "note"];
  await both(["import", ...change, "-", "app:1"], { input: busybox, idAs: "APP" });
  await both(["import", "--message", "small", "-", "team/small:2"], { input: small, idAs: "SMALL" });
  await both(["tag", "app:1", "localhost:5000/copy"]);
  await both(["tag", "app:1", "app:2"]);
  for (const [source, target] of [
    ["nosuch", "x"],
    ["app:1", "Upper"],
    ["app:1", `x@sha256:${"a".repeat(64)}`],
    ["app:1", "a:b:c"],
    ["app:1", "a".repeat(64).replaceAll("a", "f")],
  ])
    await both(["tag", source ?? "", target ?? ""]);
  await both(["create", "--name", "one", "app:1"], { idAs: "ONE" });
  await both(["create", "--name", "two", "--label", "keep=yes", "team/small:2", "/hi"], { idAs: "TWO" });

  const fields = "{{.Repository}} {{.Tag}} {{.Digest}} {{.ID}} {{.Size}} {{.VirtualSize}} {{.Containers}} {{.SharedSize}} {{.UniqueSize}}";
  for (const args of [
    ["app"],
    ["app:2"],
    ["nosuch"],
    ["team/*"],
    ["--digests", "app:1"],
    ["-a", "app:1"],
    ["--filter", "label=tier=web", "app:1"],
  ])
    await both(["images", ...args]);
  for (const filter of ["label=nosuch", "dangling=true", "reference=app:1", "before=team/small:2", "since=team/small:2"])
    await both(["images", "--filter", filter, "--filter", "reference=app:1", "--format", fields]);
  for (const filter of ["bogus=1", "dangling=maybe", "before=nosuch", "label"]) await both(["images", "--filter", filter]);
  await both(["images", "--no-trunc", "-q", "app:1"]);
  await both([
    "image",
    "inspect",
    "--format",
    "{{.Id}} {{.RepoTags}} {{.RepoDigests}} [{{.Parent}}] {{.Comment}} {{.Config.Cmd}} {{.Config.Labels}} {{.Size}} {{.VirtualSize}} {{.RootFS.Type}} {{json .RootFS.Layers}} {{.Os}} {{.Architecture}}",
    "app:1",
  ]);
  await both(["image", "inspect", "--format", "{{.Id}}", "nosuch", "app:1"]);
  const [ours, dockers] = await members();
  t.same(
    dockers?.filter((member) => !ours?.includes(member)),
    [],
    "image inspect has docker's members",
  );

  await both(["system", "df"]);
  for (const args of [["nosuch"], ["-f", "nosuch"], ["Upper"], ["app:2", "nosuch"], ["app:1"], ["localhost:5000/copy"], ["team/small:2"]])
    await both(["rmi", ...args]);
  await both(["tag", "team/small:2", "other:1"]);
  await both(["rmi", "other:1"]);
  await both(["container", "prune", "-f", "--filter", "label!=keep"]);
  await both(["rmi", "localhost:5000/copy"]);
  await both(["image", "prune", "-a", "-f"]);
  await both(["import", "-"], { input: busybox, idAs: "BARE" });
  await both(["image", "prune", "-f", "--filter", "until=1h"]);
  await both(["image", "prune", "-f", "--filter", "bogus=1"]);
  await both(["image", "prune", "-f"]);
  await both(["rmi", "-f", "team/small:2"]);
  await both(["ps", "-a", "--format", "{{.ID}} {{.Names}}"]);
  await both(["system", "prune", "-a", "-f"]);
  await both(["images", "-aq", "nosuch"]);
  t.equal(await root.ok(["doctor"]), "nothing is left over");
});
