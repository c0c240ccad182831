// login, logout and search through the shipped command, against Debian's docker-registry and a terminal.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tap, { type Test } from "tap";
import { type CommandOptions, command, makeRoot } from "../fixture/data-root.ts";
import { startFake } from "../fixture/fake-registry.ts";
import { startRegistry } from "../fixture/registry.ts";
import { openTerminal } from "../fixture/terminal.ts";

const user = { username: "me", password: "secret" };
const auth = Buffer.from("me:secret").toString("base64");

/** A directory for docker's configuration, and options that name it. */
function ownConfig(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), "tsns-login-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const env = { DOCKER_CONFIG: directory };
  return {
    path: join(directory, "config.json"),
    env,
    options: (input?: string): CommandOptions => ({ env, ...(input === undefined ? {} : { input }) }),
  };
}

tap.test("in, again without a password, out", async (t) => {
  const [{ host }, root, { path, options }] = [await startRegistry(t, { auth: user }), makeRoot(t), ownConfig(t)];
  const first = await root.tsns(["login", "-u", "me", "--password-stdin", host], options("secret\n"));
  t.match(first, { code: 0, stdout: "Login Succeeded\n" });
  t.match(first.stderr, `WARNING! Your credentials are stored unencrypted in '${path}'.\nConfigure a credential helper`);
  t.same(JSON.parse(readFileSync(path, "utf8")), { auths: { [host]: { auth } } });
  t.equal(statSync(path).mode & 0o777, 0o600);

  t.match(await root.tsns(["login", "-u", "me", "-p", "secret", host], options()), {
    code: 0,
    stderr: "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n",
  });
  const again = await root.tsns(["login", host], options());
  t.match(again, { code: 0, stdout: "Login Succeeded\n", stderr: "Authenticating with existing credentials... [Username: me]\n" });

  t.equal(await root.ok(["logout", host], options()), `Removing login credentials for ${host}`);
  t.same(JSON.parse(readFileSync(path, "utf8")), { auths: {} });
});

tap.test("refused: what was kept stays", async (t) => {
  const [{ host }, root, { path, options }] = [await startRegistry(t, { auth: user }), makeRoot(t), ownConfig(t)];
  writeFileSync(path, JSON.stringify({ auths: { [host]: { auth } } }));
  const before = readFileSync(path, "utf8");
  t.match(await root.tsns(["login", "-u", "me", "--password-stdin", host], options("wrong")), {
    code: 1,
    stdout: "",
    stderr: `tsns: login to ${host} refused: unauthorized: authentication required (check user name and password)\n`,
  });
  t.equal(readFileSync(path, "utf8"), before);
});

tap.test("a credential helper has it, the file has not", async (t) => {
  const [{ host }, root, { path, env }] = [await startRegistry(t, { auth: user }), makeRoot(t), ownConfig(t)];
  const programs = `${env.DOCKER_CONFIG}/bin`;
  mkdirSync(programs);
  const helper = `#!/bin/sh\ncase $1 in store) cat > ${programs}/kept;; get) cat ${programs}/kept;; erase) rm ${programs}/kept;; esac\n`;
  writeFileSync(`${programs}/docker-credential-test`, helper, { mode: 0o755 });
  writeFileSync(path, '{"credsStore": "test"}');
  const options = { env: { ...env, PATH: `${programs}:${process.env.PATH}` } };
  t.match(await root.tsns(["login", "-u", "me", "--password-stdin", host], { ...options, input: "secret" }), { code: 0, stderr: "" });
  t.same(JSON.parse(readFileSync(`${programs}/kept`, "utf8")), { ServerURL: host, Username: "me", Secret: "secret" });
  t.same(JSON.parse(readFileSync(path, "utf8")), { credsStore: "test", auths: { [host]: {} } });
  await root.ok(["login", host], options);
  await root.ok(["logout", host], options);
  t.throws(() => statSync(`${programs}/kept`));
});

tap.test("asked for on a terminal, the password hidden", async (t) => {
  const [{ host }, root, { path, env }] = [await startRegistry(t, { auth: user }), makeRoot(t), ownConfig(t)];
  // slow at telling the terminal, which shows what is typed until then
  const slowly = ["strace", "-qq", "-o", "/dev/null", "-e", "trace=ioctl", "-e", "inject=ioctl:delay_enter=200000"];
  const terminal = openTerminal(t, [...slowly, command, "login", host], { env: root.env({ env }) });
  await terminal.see(/Username:/);
  terminal.type("mee");
  terminal.press("BSpace", "Enter");
  await terminal.see(/Password:/);
  terminal.type("secret");
  terminal.press("Enter");
  await terminal.see(/Login Succeeded/);
  t.match(terminal.screen(), /Username: me\nPassword:\n/);
  t.notMatch(terminal.screen(), /secret/);
  t.same(JSON.parse(readFileSync(path, "utf8")), { auths: { [host]: { auth } } });
});

tap.test("what would be done is done by the shell", async (t) => {
  const [{ host }, root, { path, options, env }] = [await startRegistry(t, { auth: user }), makeRoot(t), ownConfig(t)];
  const script = await root.ok(["login", "-u", "me", "--dry-run", "--explain=sh", host], options());
  t.notMatch(script, /secret/);
  t.throws(() => statSync(path), "nothing is kept");
  const run = (text: string) => execFileSync("sh", ["-c", text], { env: { ...process.env, ...env, PASSWORD: "secret" }, stdio: "pipe" });
  run(script);
  t.same(JSON.parse(readFileSync(path, "utf8")), { auths: { [host]: { auth } } });
  run(await root.ok(["logout", "--dry-run", "--explain=sh", host], options()));
  t.same(JSON.parse(readFileSync(path, "utf8")), { auths: {} });
});

tap.test("command lines that make no sense, registries that are none", async (t) => {
  const [root, { options }] = [makeRoot(t), ownConfig(t)];
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ["login", "-u", "a", "-p", "b", "--password-stdin"],
      /^tsns: conflicting options: cannot specify both --password and --password-stdin/,
    ],
    [["login", "--password-stdin"], /^tsns: the --password-stdin option requires --username to be set/],
    [["login", "-u", "", "-p", "b"], /^tsns: username is empty/],
    [["login", "127.0.0.1:1"], /^tsns: cannot perform an interactive login from a non TTY device/],
    [["login", "-u", "a", "--password-stdin", "127.0.0.1:1"], /^tsns: password is empty/],
    [["login", "-u", "a", "--password-stdin", "not a host"], /^tsns: "not a host" is no registry/],
    [["search", "--limit", "101", "x"], /^tsns: invalid limit 101/],
    [["search", "-f", "stars=many", "127.0.0.1:1/x"], /^tsns: invalid filter 'stars=many'/],
    [["search", "127.0.0.1:1/x"], /^tsns: x: registry 127\.0\.0\.1:1: connection refused/],
  ];
  for (const [args, message] of wrong) {
    const { code, stderr } = await root.tsns(args, options());
    t.equal(code, 1, args.join(" "));
    t.match(stderr, message);
    t.equal(stderr.split("\n").length, 2, "one line");
  }
  t.match(await root.tsns(["login", "-u", "a", "--password-stdin", "127.0.0.1:1"], options("x")), {
    code: 1,
    stderr: /^tsns: registry 127\.0\.0\.1:1: connection refused \(.*\)\n$/,
  });
});

tap.test("search as a table", async (t) => {
  const root = makeRoot(t);
  const results = [
    { name: "a/b", description: "long ".repeat(20), star_count: 7, is_official: true, is_automated: false },
    { name: "c", description: "", star_count: 0, is_official: false, is_automated: false },
  ];
  const fake = await startFake(t, ({ url }, response) => url.startsWith("/v1/search") && response.end(JSON.stringify({ results })));
  t.equal(
    (await root.ok(["search", `${fake.host}/term`])).replace(/ +$/gm, ""),
    `NAME      DESCRIPTION                                     STARS     OFFICIAL
a/b       long long long long long long long long long…   7         [OK]
c                                                         0`,
  );
  t.match(fake.asked[0]?.url, "/v1/search?q=term&n=25");
  t.equal(await root.ok(["search", "-f", "stars=1", "--format", "{{.Name}} {{.StarCount}}", `${fake.host}/term`]), "a/b 7");
});
