// Credentials in docker's config.json and in credential helpers: read, kept, forgotten, every other key left as it is.
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { decodeAuth } from "../../src/registry/credential.ts";
import { eraseCredential, readCredential, storeCredential } from "../../src/registry/credential-file.ts";

const auth = (text: string) => Buffer.from(text).toString("base64");
const me = { username: "me", password: "a:b" };

/** A DOCKER_CONFIG with this file. */
function configure(t: Test, config?: unknown) {
  const directory = t.testdir();
  const path = join(directory, "config.json");
  if (config !== undefined) writeFileSync(path, typeof config === "string" ? config : JSON.stringify(config));
  return {
    path,
    env: { DOCKER_CONFIG: directory, PATH: `${directory}:/usr/bin:/bin` },
    read: (): unknown => JSON.parse(readFileSync(path, "utf8")),
  };
}

/** docker-credential-NAME that keeps one credential in files beside it. */
function installHelper(directory: string, name: string): void {
  const program = join(directory, `docker-credential-${name}`);
  writeFileSync(
    program,
    `#!/bin/sh
cd ${directory}
case $1 in
  store) cat > kept ;;
  erase) rm -f kept ;;
  get) read server; [ "$server" = broken.test ] && echo 'vault is locked' && exit 1
    [ -e kept ] && cat kept || { echo 'credentials not found in native keychain'; exit 1; } ;;
esac
`,
  );
  chmodSync(program, 0o755);
}

t.test("entries of the file, under any spelling of the host", async (t) => {
  const { env } = configure(t, {
    auths: {
      "https://index.docker.io/v1/": { auth: auth("me:a:b") },
      "https://r.test:5000/v2/": { auth: auth("x:y") },
      "i.test": { auth: auth("<token>:"), identitytoken: "I" },
      "t.test": { registrytoken: "T" },
      "empty.test": {},
    },
  });
  t.match(readCredential("docker.io", env), me);
  t.match(readCredential("r.test:5000", env), { username: "x", password: "y" });
  t.match(readCredential("i.test", env), { identityToken: "I" });
  t.match(readCredential("t.test", env), { registryToken: "T" });
  t.equal(readCredential("empty.test", env), undefined);
  t.equal(readCredential("r.test", env), undefined, "another port is another registry");
  t.equal(readCredential("x", configure(t).env), undefined, "no file");
  t.equal(decodeAuth(auth(":x")), undefined);
});

t.test("kept and forgotten, what others wrote stays", async (t) => {
  const { env, path, read } = configure(t, { detachKeys: "ctrl-e", auths: { "https://a.test/v1/": { auth: "eDp5" }, "b.test": {} } });
  t.match(storeCredential("a.test:1", me, env), { path, helper: undefined, server: "a.test:1" });
  t.same(read(), {
    detachKeys: "ctrl-e",
    auths: { "https://a.test/v1/": { auth: "eDp5" }, "b.test": {}, "a.test:1": { auth: auth("me:a:b") } },
  });
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.match(readFileSync(path, "utf8"), /^\{\n\t"detachKeys"/, "with tabs, as docker");
  eraseCredential("a.test", env);
  t.same(Object.keys((read() as { auths: object }).auths), ["b.test", "a.test:1"]);
  storeCredential("b.test", { ...me, identityToken: "I" }, env);
  t.match((read() as { auths: object }).auths, { "b.test": { auth: auth("me:"), identitytoken: "I" } }, "no password beside a token");
});

t.test("made with its directory, kept where a link leads", async (t) => {
  const directory = t.testdir();
  const env = { HOME: directory };
  storeCredential("docker.io", me, env);
  t.equal(statSync(join(directory, ".docker")).mode & 0o777, 0o700);
  t.match(readCredential("docker.io", env), me);
  mkdirSync(join(directory, "real"));
  const linked = join(directory, "linked");
  mkdirSync(linked);
  writeFileSync(join(directory, "real/config.json"), "");
  symlinkSync("../real/config.json", join(linked, "config.json"));
  storeCredential("a.test", me, { DOCKER_CONFIG: linked });
  t.match(readFileSync(join(directory, "real/config.json"), "utf8"), /a\.test/);
});

t.test("helpers: one for all, one for a registry", async (t) => {
  const { env, read } = configure(t, { credsStore: "all", credHelpers: { "own.test": "own", "none.test": "" } });
  installHelper(env.DOCKER_CONFIG, "all");
  t.equal(readCredential("a.test", env), undefined);
  t.match(storeCredential("a.test", me, env), { helper: "all" });
  t.match(read(), { auths: { "a.test": {} } });
  t.notMatch(JSON.stringify(read()), auth("me:a:b"), "the file has no password");
  t.match(readCredential("a.test", env), me);
  storeCredential("a.test", { ...me, identityToken: "I" }, env);
  t.match(readCredential("a.test", env), { identityToken: "I", username: "" });
  eraseCredential("a.test", env);
  t.equal(readCredential("a.test", env), undefined);
  t.throws(() => readCredential("own.test", env), { code: "credential-helper", message: "docker-credential-own: no such program" });
  t.throws(() => readCredential("broken.test", env), {
    code: "credential-helper",
    message: "docker-credential-all get broken.test: vault is locked",
  });
});

t.test("a helper that does not read what it is told: how it ends counts", async (t) => {
  const { env } = configure(t, { credsStore: "deaf" });
  const program = join(env.DOCKER_CONFIG, "docker-credential-deaf");
  // more than the kernel keeps for a reader that never comes
  const long = { ...me, password: "x".repeat(4 << 20) };
  writeFileSync(program, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  t.match(storeCredential("a.test", long, env), { helper: "deaf" });
  writeFileSync(program, "#!/bin/sh\necho no room\nexit 1\n");
  t.throws(() => storeCredential("a.test", long, env), { message: "docker-credential-deaf store a.test: no room" });
});

t.test("files that are wrong", async (t) => {
  for (const text of ["{", "[]", '{"auths":{"a.test":{"auth":"!"}}}']) {
    t.throws(() => readCredential("a.test", configure(t, text).env), { code: "bad-docker-config" }, text);
  }
  const { env } = configure(t, { credsStore: "../evil" });
  t.throws(() => readCredential("a.test", env), { code: "bad-docker-config" });
});
