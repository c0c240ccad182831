// Who one is: challenges, tokens that are shared, run out and are refused, identity tokens, and what leaves for other hosts.
import fc from "fast-check";
import t, { type Test } from "tap";
import { parseChallenges } from "../../src/registry/challenge.ts";
import { type Asked, clientOf, type FakeRegistry, startFake } from "../fixture/fake-registry.ts";

const manifest = JSON.stringify({ schemaVersion: 2 });
const type = "application/vnd.oci.image.manifest.v1+json";
const credential = { username: "me", password: "secret" };
const basic = `Basic ${Buffer.from("me:secret").toString("base64")}`;

interface TokenFake extends FakeRegistry {
  readonly tokens: readonly Asked[];
}

/** A registry with a token server beside it; `grant` makes the token server's answer, `accepts` judges the header. */
async function startToken(
  t: Test,
  grant: (asked: Asked, count: number) => object | number,
  accepts: (header: string) => boolean,
): Promise<TokenFake> {
  const tokens: Asked[] = [];
  const fake = await startFake(t, (asked, response, request) => {
    if (asked.url.startsWith("/token")) {
      tokens.push(asked);
      const given = grant(asked, tokens.length);
      return void (typeof given === "number"
        ? response.writeHead(given).end('{"details":"no such user"}')
        : response.end(JSON.stringify(given)));
    }
    if (accepts(asked.headers.authorization ?? "")) return void response.writeHead(200, { "content-type": type }).end(manifest);
    const realm = `http://${request.headers.host}/token`;
    response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="a \\"b\\""` }).end();
  });
  return { ...fake, tokens };
}

t.test("a token is fetched once for requests side by side, with scope, service and password", async (t) => {
  const fake = await startToken(
    t,
    () => ({ token: "T" }),
    (header) => header === "Bearer T",
  );
  const registry = clientOf(t, fake.host, { credential });
  await Promise.all(["1", "2", "3"].map((tag) => registry.getManifest(tag)));
  t.equal(fake.tokens.length, 1);
  const query = new URL(fake.tokens[0]?.url ?? "", "http://x").searchParams;
  t.same(Object.fromEntries(query), { service: 'a "b"', scope: "repository:app:pull", account: "me" });
  t.equal(fake.tokens[0]?.headers.authorization, basic);
});

t.test("one that the registry no longer takes is fetched anew, once", async (t) => {
  const fake = await startToken(
    t,
    (_, count) => ({ access_token: `T${count}`, expires_in: 3600 }),
    (header) => header === "Bearer T2",
  );
  t.equal((await clientOf(t, fake.host).getManifest("1")).bytes.toString(), manifest, "T1 is refused");
  t.equal(fake.tokens.length, 2);
});

t.test("one that has run out is not used again", async (t) => {
  const used: string[] = [];
  const fake = await startToken(
    t,
    (_, count) => ({ token: `T${count}`, expires_in: 0 }),
    (header) => header.startsWith("Bearer T") && used.push(header) > 0,
  );
  const registry = clientOf(t, fake.host);
  await registry.getManifest("1");
  await registry.getManifest("1");
  t.equal(new Set(used).size, 2);
});

t.test("an identity token is posted, not the password", async (t) => {
  const fake = await startToken(
    t,
    () => ({ access_token: "T" }),
    (header) => header === "Bearer T",
  );
  await clientOf(t, fake.host, { credential: { username: "", password: "", identityToken: "I" } }).getManifest("1");
  const [asked] = fake.tokens;
  t.equal(asked?.method, "POST");
  const form = Object.fromEntries(new URLSearchParams(asked?.body.toString()));
  t.match(form, { grant_type: "refresh_token", refresh_token: "I", scope: "repository:app:pull" });
  t.equal(asked?.headers.authorization, undefined);
});

t.test("a login asks for an identity token and gives it on", async (t) => {
  const fake = await startToken(
    t,
    () => ({ token: "T", refresh_token: "R" }),
    (header) => header === "Bearer T",
  );
  t.same(await clientOf(t, fake.host, { credential, offline: true }).ping(), { identityToken: "R" });
  t.match(fake.tokens[0]?.url, /offline_token=true/);
});

t.test("refused by the token server, by the registry, without a credential", async (t) => {
  const strict = await startToken(
    t,
    () => 401,
    () => false,
  );
  await t.rejects(clientOf(t, strict.host, { credential }).getManifest("1"), {
    kind: "denied",
    code: "registry-denied",
    message: `pull access denied for ${strict.host}/app:1, repository does not exist or may require 'docker login': no such user`,
    hint: `run 'tsns login ${strict.host}' as someone who may pull`,
  });
  const never = await startToken(
    t,
    () => ({ token: "T" }),
    () => false,
  );
  await t.rejects(clientOf(t, never.host, { credential }).ping(), { code: "registry-denied", message: `login to ${never.host} refused` });
  const withBasic = await startFake(t, (_, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end());
  await t.rejects(clientOf(t, withBasic.host).getManifest("1"), { code: "registry-denied" });
  t.equal(withBasic.asked.length, 1, "without a credential nothing is sent again");
});

t.test("a token server that makes no sense", async (t) => {
  for (const grant of [{}, { token: 7 }, { token: "two\nlines" }]) {
    const fake = await startToken(
      t,
      () => grant,
      () => false,
    );
    await t.rejects(clientOf(t, fake.host).getManifest("1"), { kind: "denied", code: "registry-token" });
  }
  const nowhere = await startFake(t, (_, response) => response.writeHead(401, { "www-authenticate": 'Bearer realm="ftp://x"' }).end());
  await t.rejects(clientOf(t, nowhere.host).getManifest("1"), { code: "registry-token" });
});

t.test("where it redirects to gets no credentials, a page of the registry itself does", async (t) => {
  const store = await startFake(t, (_, response) => response.end("blob"));
  const fake = await startFake(t, ({ url, headers }, response) => {
    if (headers.authorization !== basic) return void response.writeHead(401, { "www-authenticate": "Basic" }).end();
    if (url.includes("/blobs/")) response.writeHead(307, { location: `http://localhost:${store.port}/x` }).end();
    else if (url.endsWith("/1")) response.writeHead(301, { location: "/elsewhere" }).end();
    else response.writeHead(200, { "content-type": type }).end(manifest);
  });
  const registry = clientOf(t, fake.host, { credential });
  let text = "";
  for await (const chunk of registry.getBlob("sha256:1")) text += chunk.toString();
  t.equal(text, "blob");
  t.same(
    store.asked.map(({ url, headers }) => [url, headers.authorization]),
    [["/x", undefined]],
  );
  await registry.getManifest("1");
  t.same(fake.asked.at(-1)?.url, "/elsewhere");
  t.equal(fake.asked.at(-1)?.headers.authorization, basic);
});

t.test("redirects in a circle, to another protocol", async (t) => {
  const circle = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(302, { location: url }).end());
  await t.rejects(clientOf(t, circle.host).getManifest("1"), { code: "registry-redirect", message: /redirects more than 10 times/ });
  const files = await startFake(
    t,
    ({ url }, response) => url !== "/v2/" && response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  );
  await t.rejects(clientOf(t, files.host).getManifest("1"), { code: "registry-redirect", message: /leads to "file:/ });
});

t.test("challenges", async (t) => {
  t.same(parseChallenges('Bearer realm="https://a/t",service=x, scope="repository:a:pull,push" , Basic realm="b"'), [
    { scheme: "bearer", parameters: { realm: "https://a/t", service: "x", scope: "repository:a:pull,push" } },
    { scheme: "basic", parameters: { realm: "b" } },
  ]);
  t.same(parseChallenges("Negotiate, Basic"), [
    { scheme: "negotiate", parameters: {} },
    { scheme: "basic", parameters: {} },
  ]);
  t.same(parseChallenges('realm="x"'), [], "a parameter without a scheme");
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges(text))));
  const value = fc.string({ unit: "grapheme-ascii" });
  fc.assert(
    fc.property(value, (text) => {
      const quoted = text.replace(/["\\]/g, "\\$&");
      return parseChallenges(`Bearer a="${quoted}"`)[0]?.parameters.a === text;
    }),
  );
});

t.test("a token server that is not there, or fails, is named beside its registry", async (t) => {
  const gone = await startFake(t, () => {});
  gone.stop();
  const failing = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(500).end("{}"));
  for (const [tokens, code, message] of [
    [gone.host, "registry-unreachable", `its token server ${gone.host}: connection refused`],
    [failing.host, "registry-failed", "its token server answered 500"],
  ] as const) {
    const fake = await startFake(t, (_, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://${tokens}/token",service="s"` }).end("{}");
    });
    await t.rejects(clientOf(t, fake.host).getManifest("1"), { code, message: `${fake.host}/app:1: registry ${fake.host}: ${message}` });
  }
});

t.test("a refusal without words stays without", async (t) => {
  const fake = await startFake(t, (_, response) => void response.writeHead(403).end("{}"));
  await t.rejects(clientOf(t, fake.host).getManifest("1"), { code: "registry-denied", message: /may require 'docker login'$/ });
});
