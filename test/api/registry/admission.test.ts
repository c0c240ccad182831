// Who may do what where everybody may pull.
import t from "tap";
import { openTokens } from "../../../src/engine/registry-serve/token.ts";
import { digestOf, makeManifest, manifestType, serveHere } from "../../fixture/registry-serve.ts";

const ann = `Basic ${Buffer.from("ann:secret").toString("base64")}`;

t.test("everybody reads, who has a name pushes", async (t) => {
  const names = new Set(["ann"]);
  const gate = { knows: (name: string) => names.has(name), admit: async (header?: string) => (header === ann ? "ann" : undefined) };
  const { ask } = await serveHere(t, { gate, tokens: openTokens() });
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const tokenOf = async (headers: Record<string, string> = {}): Promise<string> => {
    const { status, body } = await ask("GET", "/token?service=x&scope=repository:a/b:pull", { headers });
    t.equal(status, 200);
    const { token, access_token, expires_in } = JSON.parse(body.toString());
    t.equal(token, access_token);
    t.ok(expires_in > 60);
    return token;
  };

  const greeting = await ask("GET", "/v2/");
  t.equal(greeting.status, 401, "so that clients learn where tokens are to be had");
  t.match(greeting.headers["www-authenticate"], /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token",service="tsns registry"$/);
  const [everybody, own] = [await tokenOf(), await tokenOf({ Authorization: ann })];
  for (const headers of [bearer(everybody), bearer(own), { Authorization: ann }])
    t.equal((await ask("GET", "/v2/", { headers })).status, 200);

  const push = `/v2/a/b/blobs/uploads/?digest=${digestOf("{}")}`;
  const refused = await ask("POST", push, { body: "{}" });
  t.match(refused, { status: 401, codes: ["UNAUTHORIZED"], headers: { "www-authenticate": /,scope="repository:a\/b:pull,push"$/ } });
  t.equal((await ask("POST", push, { body: "{}", headers: bearer(everybody) })).status, 401);
  t.equal((await ask("POST", push, { body: "{}", headers: bearer(own) })).status, 201);
  const manifest = { body: makeManifest("{}", []), headers: { "Content-Type": manifestType, Authorization: ann } };
  t.equal((await ask("PUT", "/v2/a/b/manifests/1", manifest)).status, 201, "a password does as well");

  for (const headers of [{}, bearer(everybody), bearer(own)]) {
    t.equal((await ask("GET", "/v2/a/b/manifests/1", { headers })).status, 200);
    t.equal((await ask("HEAD", `/v2/a/b/blobs/${digestOf("{}")}`, { headers })).status, 200);
    t.equal((await ask("GET", "/v2/_catalog", { headers })).status, 200);
  }
  for (const method of ["DELETE", "PUT"])
    for (const headers of [{}, bearer(everybody)]) t.equal((await ask(method, "/v2/a/b/manifests/1", { headers })).status, 401, method);
  const begun = await ask("POST", "/v2/a/b/blobs/uploads/", { headers: bearer(own) });
  t.equal((await ask("GET", String(begun.headers.location), { headers: bearer(everybody) })).status, 401, "an upload is nobody else's");

  t.match(await ask("GET", "/v2/a/b/manifests/1", { headers: bearer("none") }), { status: 401 });
  t.match(await ask("GET", "/token", { headers: { Authorization: "Basic wrong" } }), { status: 401, codes: ["UNAUTHORIZED"] });
  t.match(await ask("POST", "/token", { body: "grant_type=password" }), { status: 405 });
  const forwarded = await ask("GET", "/v2/", { headers: { "X-Forwarded-Proto": "https", Host: "registry.example" } });
  t.match(forwarded.headers["www-authenticate"], /realm="https:\/\/registry\.example\/token"/);
  const odd = await ask("GET", "/v2/", { headers: { Host: 'a",b="c' } });
  t.match(odd.headers["www-authenticate"], /^Basic realm="tsns registry"/, "no client writes into the header");

  names.clear();
  t.equal((await ask("GET", "/v2/", { headers: bearer(own) })).status, 401, "who is taken away is out at once");
});

t.test("without it, there is no token server", async (t) => {
  const gate = { knows: () => true, admit: async (header?: string) => (header === ann ? "ann" : undefined) };
  const { ask } = await serveHere(t, { gate });
  t.equal((await ask("GET", "/token")).status, 401);
  t.equal((await ask("GET", "/token", { headers: { Authorization: ann } })).status, 404);
  t.equal((await ask("GET", "/v2/a/tags/list", { headers: { Authorization: "Bearer x" } })).status, 401);
});
