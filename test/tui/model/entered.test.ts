import t from "tap";
import { holdsSecret, keptOf, mergeEntered, parseEntered, remember } from "../../../tui/model/entered.ts";

t.test("each text once, newest last, bounded, none that begins with a blank", async (t) => {
  let entered = remember(remember(remember({}, "command", "ps"), "command", "images"), "command", "ps");
  t.same(entered, { command: ["images", "ps"] });
  t.equal(remember(entered, "command", " rm -f db"), entered);
  for (let at = 0; at < 300; at++) entered = remember(entered, "command", `ps ${at}`);
  t.equal(entered.command?.length, 100);
  t.equal(entered.command?.at(-1), "ps 299");
});

t.test("lines with the value of a variable or a password", async (t) => {
  for (const text of [
    "run -e A=b bb",
    "run -eA=b bb",
    "run -ite A=b bb",
    "run --rm -e 'A=b c' bb",
    "exec --env A=b web env",
    "exec --env=A=b web env",
    "build --build-arg KEY=x .",
    "login -u me -p it",
    "tsns login -pit reg",
    "login --password it reg",
    "login --password=it",
    "run bb sh -c 'PGPASSWORD=it psql'",
    "exec web curl -H 'X-Auth-Token: it'",
    "exec web curl https://me:it@host/",
    "run --label api_key=it bb",
  ])
    t.ok(holdsSecret(text), text);
  for (const text of [
    "run -e HOME bb",
    "run --env-file vars -p 8080:80 bb",
    "run --rm -v /a:/b --name web bb sh",
    "ps -a --filter label=a=b",
    "exec -it web sh",
    "update --restart on-failure:3 web",
    "volume create --label a=b x",
    "pull registry.example:5000/bb:1",
    "ERROR|failed",
  ])
    t.notOk(holdsSecret(text), text);
});

t.test("what is kept", async (t) => {
  const long = "x".repeat(1001);
  t.same(keptOf({ command: ["run -e A=b bb", "ps", long, "a\0b"], image: ["login -p it"] }), { command: ["ps"] });
});

t.test("from whatever a file says", async (t) => {
  for (const value of [undefined, null, 3, "x", [], [[1]], { command: "ps" }, { command: [3, null, "", "a\nb"] }]) {
    t.same(parseEntered(value), {}, JSON.stringify(value));
  }
  const many = Array.from({ length: 500 }, (_, at) => `ps ${at}`);
  const parsed = parseEntered(JSON.parse(JSON.stringify({ command: ["rm a", ...many], image: ["bb", 3] }).replace("image", "__proto__")));
  t.equal(parsed.command?.length, 100);
  t.equal(Object.getPrototypeOf(parsed), Object.prototype);
  t.ok(Object.keys(parseEntered(Object.fromEntries(many.map((name) => [name, ["x"]])))).length <= 30);
});

t.test("what another dashboard has kept goes before one's own", async (t) => {
  t.same(mergeEntered({ command: ["a", "b"], image: ["bb"] }, { command: ["b", "c"], run: ["x"] }), {
    command: ["a", "b", "c"],
    image: ["bb"],
    run: ["x"],
  });
});
