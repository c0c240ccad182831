// Dockerfile instructions of --change.
import t from "tap";
import { applyChanges } from "../../src/image/change.ts";
import { emptyConfig } from "../../src/image/config.ts";

const change = (...instructions: string[]) => applyChanges(emptyConfig, instructions);

t.test("commands in exec form and shell form", async (t) => {
  t.same(change('CMD ["sh", "-c", "echo \\"x\\""]').cmd, ["sh", "-c", 'echo "x"']);
  t.same(change("cmd echo $HOME").cmd, ["/bin/sh", "-c", "echo $HOME"]);
  t.same(change("ENTRYPOINT [not json").entrypoint, ["/bin/sh", "-c", "[not json"], "as docker takes it");
  t.same(change('ENTRYPOINT ["/init"]').entrypoint, ["/init"]);
});

t.test("variables and labels", async (t) => {
  t.same(change("ENV A=1 B=\"two words\" C=a\\ b D='$x'").env, ["A=1", "B=two words", "C=a b", "D=$x"]);
  t.same(change("ENV A=1", "ENV B=2 A=3").env, ["A=3", "B=2"], "the later one wins, in its place");
  t.same(change("ENV GREETING hello big world").env, ["GREETING=hello big world"], "the old form");
  t.same(change("ENV A=x=y").env, ["A=x=y"]);
  t.same(change('LABEL a.b="c d" e=').labels, { "a.b": "c d", e: "" });
});

t.test("the rest", async (t) => {
  t.same(change("EXPOSE 80 53/udp 8000-8010/TCP", "EXPOSE 80/tcp").exposedPorts, ["80/tcp", "53/udp", "8000-8010/tcp"]);
  t.same(change('VOLUME ["/a", "/b c"]', "VOLUME /d /a").volumes, ["/a", "/b c", "/d"]);
  t.equal(change("USER app:app").user, "app:app");
  t.equal(change("STOPSIGNAL SIGQUIT").stopSignal, "SIGQUIT");
  t.equal(change("WORKDIR /a/b", "WORKDIR ../c").workingDirectory, "/a/c");
  t.equal(change("WORKDIR x").workingDirectory, "/x");
});

t.test("what is refused, with the instruction named", async (t) => {
  for (const bad of [
    "",
    "CMD",
    "RUN make",
    "FROM x",
    "EXPOSE 0",
    "EXPOSE 70000",
    "EXPOSE web",
    "USER a b",
    "ENV A",
    "ENV =x",
    "LABEL a=b c",
  ]) {
    t.throws(() => change(bad), { kind: "invalid", code: "bad-change" }, JSON.stringify(bad));
  }
  t.throws(() => change("RUN make"), /RUN make/);
});
