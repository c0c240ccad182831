// How a registry is connected to: TLS with its own authority and client certificates, proxies with and without TUNNEL, names that lead nowhere.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { endpointsOf, inBlock, isInsecure } from "../../src/registry/endpoint.ts";
import { proxiesOfEnvironment, proxyFor } from "../../src/registry/proxy.ts";
import { defaultSettings } from "../../src/registry/settings.ts";
import { type Answer, clientOf, startFake } from "../fixture/fake-registry.ts";
import { makeCertificates } from "../fixture/registry.ts";

const type = "application/vnd.oci.image.manifest.v1+json";
const serving: Answer = (_, response) => response.writeHead(200, { "content-type": type }).end("{}");

const directory = mkdtempSync(join(tmpdir(), "tsns-tls-"));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));
makeCertificates(directory);
const pem = (name: string) => readFileSync(join(directory, name));
const server = { key: pem("server.key"), cert: pem("server.cert") };

/** certs.d with these files for a host. */
function certificatesFor(t: Test, host: string, files: Readonly<Record<string, string | Buffer>>): string {
  const place = t.testdir();
  mkdirSync(join(place, host));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, host, name), text);
  return place;
}

t.test("an authority of its own", async (t) => {
  const fake = await startFake(t, serving, server);
  await t.rejects(clientOf(t, fake.host).getManifest("1"), {
    kind: "denied",
    code: "registry-certificate",
    message: `${fake.host}/app:1: registry ${fake.host}: its certificate is signed by an unknown authority`,
    hint: `put the authority's certificate into /etc/docker/certs.d/${fake.host}/ca.crt`,
  });
  const trusted = certificatesFor(t, fake.host, { "ca.crt": pem("ca.crt") });
  const settings = { certificateDirectories: ["/nowhere", trusted] };
  t.equal((await clientOf(t, fake.host, { settings }).getManifest("1")).mediaType, type);
  t.equal(
    (await clientOf(t, fake.host, { settings: { insecure: [fake.host] } }).getManifest("1")).mediaType,
    type,
    "insecure: any will do",
  );
});

t.test("from TLS it does not lead to where there is none", async (t) => {
  const plain = await startFake(t, serving);
  const fake = await startFake(
    t,
    ({ method, url }, response, request) => {
      const other = `http://${plain.host.replace("127.0.0.1", "localhost")}/blob`;
      const ownWithoutTls = `http://${request.headers.host}/up`;
      if (method === "GET") response.writeHead(307, { location: other }).end();
      else if (method === "POST") response.writeHead(202, { location: url.includes("mount") ? other : ownWithoutTls }).end();
      else response.writeHead(201).end();
    },
    server,
  );
  const proxy = await startProxy(t, fake.port);
  const certificateDirectories = [certificatesFor(t, "registry.test", { "ca.crt": pem("ca.crt") })];
  const registry = clientOf(t, "registry.test", { settings: { proxies: { https: proxy.url, none: [] }, certificateDirectories } });
  await t.rejects(registry.getManifest("1"), {
    kind: "denied",
    code: "registry-redirect",
    message: /leads from TLS to http:\/\/localhost:\d+ without/,
  });
  await registry.putBlob("sha256:1", 1, () => [Buffer.from("1")]);
  t.match(fake.asked.at(-1), { method: "PUT", url: "/up?digest=sha256%3A1" }, "its own host is spoken to with TLS all the same");
  await registry.mountBlob("sha256:2", "x");
  await t.rejects(
    registry.putBlob("sha256:2", 1, () => [Buffer.from("1")]),
    { code: "registry-redirect" },
  );
  t.same(plain.asked, []);
  registry.close();
});

t.test("client certificates", async (t) => {
  const fake = await startFake(t, serving, { ...server, ca: pem("ca.crt"), requestCert: true, rejectUnauthorized: true });
  const ca = { "ca.crt": pem("ca.crt") };
  const without = clientOf(t, fake.host, { settings: { certificateDirectories: [certificatesFor(t, fake.host, ca)] } });
  await t.rejects(without.getManifest("1"), { kind: "denied", code: "registry-tls", hint: /client\.cert and client\.key/ });
  t.test("shown", async (t) => {
    const both = certificatesFor(t, fake.host, { ...ca, "client.cert": pem("client.cert"), "client.key": pem("client.key") });
    t.equal((await clientOf(t, fake.host, { settings: { certificateDirectories: [both] } }).getManifest("1")).mediaType, type);
  });
  t.test("without its key", async (t) => {
    const half = certificatesFor(t, fake.host, { ...ca, "client.cert": pem("client.cert") });
    const registry = clientOf(t, fake.host, { settings: { certificateDirectories: [half] } });
    await t.rejects(registry.getManifest("1"), { code: "bad-certificate", message: /client\.cert: client\.key is missing beside it/ });
  });
  t.test("not PEM", async (t) => {
    const wrong = certificatesFor(t, fake.host, { "ca.crt": "0" });
    const registry = clientOf(t, fake.host, { settings: { certificateDirectories: [wrong] } });
    await t.rejects(registry.getManifest("1"), { code: "bad-certificate", message: /ca\.crt: not PEM/ });
  });
});

/** A proxy that leads every name to one port; knows what it was asked. */
async function startProxy(t: Test, port: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const say = (method: string | undefined, url: string | undefined, user: string | undefined) =>
    asked.push(`${method} ${url} ${user ?? ""}`.trim());
  const proxy = createServer((request, response) => {
    say(request.method, request.url, request.headers["proxy-authorization"]);
    response.writeHead(200, { "content-type": type }).end("{}");
  });
  proxy.on("connect", (request, socket) => {
    say("CONNECT", request.url, request.headers["proxy-authorization"]);
    if (request.url === "refused.test:443") return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const through = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    through.pipe(socket).pipe(through);
    for (const end of [through, socket]) end.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return { url: `http://me:pw@127.0.0.1:${typeof address === "object" ? address?.port : ""}`, asked };
}

const proxyUser = `Basic ${Buffer.from("me:pw").toString("base64")}`;

t.test("https through a proxy", async (t) => {
  const fake = await startFake(t, serving, server);
  const proxy = await startProxy(t, fake.port);
  const proxies = { https: proxy.url, none: [] };
  const certificateDirectories = [certificatesFor(t, "registry.test", { "ca.crt": pem("ca.crt") })];
  const registry = clientOf(t, "registry.test", { settings: { proxies, certificateDirectories } });
  t.equal((await registry.getManifest("1")).mediaType, type);
  t.same(proxy.asked, [`CONNECT registry.test:443 ${proxyUser}`]);
  await t.rejects(clientOf(t, "refused.test", { settings: { proxies } }).getManifest("1"), {
    code: "registry-connection",
    message: /through the proxy: .*403/,
  });
  registry.close();
});

t.test("http through a proxy, where that host may have no TLS", async (t) => {
  const proxy = await startProxy(t, 1);
  const settings = { insecure: ["plain.test"], proxies: { http: proxy.url, https: "http://127.0.0.1:1", none: [] } };
  t.equal((await clientOf(t, "plain.test", { settings }).getManifest("1")).mediaType, type);
  t.same(proxy.asked, [`GET http://plain.test/v2/ ${proxyUser}`, `GET http://plain.test/v2/app/manifests/1 ${proxyUser}`]);
  await t.rejects(clientOf(t, "other.test", { settings }).getManifest("1"), { kind: "unavailable", code: "registry-unreachable" });
  t.equal(proxy.asked.length, 2, "another host is not asked without TLS");
});

t.test("names and ports that lead nowhere", async (t) => {
  await t.rejects(clientOf(t, "127.0.0.1:1").getManifest("1"), {
    kind: "unavailable",
    code: "registry-unreachable",
    message: "127.0.0.1:1/app:1: registry 127.0.0.1:1: connection refused",
  });
  await t.rejects(clientOf(t, "registry.invalid").getManifest("1"), {
    kind: "unavailable",
    code: "registry-unknown-host",
    message: /^registry\.invalid\/app:1: registry registry\.invalid: /,
  });
});

t.test("addresses of a registry", async (t) => {
  const hosts = (domain: string, insecure: readonly string[] = []) =>
    endpointsOf(domain, { ...defaultSettings, insecure }).map(({ origins }) => origins.map(({ origin }) => origin));
  t.same(hosts("docker.io"), [["https://registry-1.docker.io"]]);
  t.same(hosts("localhost:5000"), [["http://localhost:5000", "https://localhost:5000"]]);
  t.same(hosts("[::1]:5000"), [["http://[::1]:5000", "https://[::1]:5000"]]);
  t.same(hosts("a.test"), [["https://a.test"]]);
  t.same(hosts("a.test:5000", ["a.test:5000"]), [["https://a.test:5000", "http://a.test:5000"]]);
  t.ok(isInsecure("10.1.2.3:5000", ["10.1.0.0/16"]));
  t.notOk(isInsecure("10.2.2.3:5000", ["10.1.0.0/16", "a.test"]));
  t.ok(inBlock("1.2.3.4", "0.0.0.0/0"));
  t.notOk(inBlock("1.2.3.4", "0.0.0.0/33"));
  t.notOk(inBlock("1.2.3.400", "1.2.3.0/24"));
});

t.test("which proxy", async (t) => {
  const proxies = proxiesOfEnvironment(
    { HTTP_PROXY: "p:1", https_proxy: "http://s:2", HTTPS_PROXY: "http://x", NO_PROXY: "a.test, .b.test,10.0.0.0/8,c.test:81,*.d.test" },
    { none: [] },
  );
  const chosen = (url: string) => proxyFor(new URL(url), proxies);
  t.equal(chosen("http://z.test"), "http://p:1");
  t.equal(chosen("https://z.test"), "http://s:2", "lower case wins");
  for (const url of ["http://a.test", "http://x.a.test", "http://x.b.test:5", "https://10.2.3.4", "http://c.test:81", "http://y.d.test"])
    t.equal(chosen(url), undefined, url);
  for (const url of ["http://b.test", "http://aa.test", "http://c.test"]) t.equal(chosen(url), "http://p:1", url);
  for (const url of ["http://localhost:5000", "http://127.0.0.1", "http://[::1]"]) t.equal(chosen(url), undefined, `${url}: loopback`);
  t.equal(
    proxiesOfEnvironment({ HTTP_PROXY: "http://p", REQUEST_METHOD: "GET" }, { none: [] }).http,
    undefined,
    "a header of a CGI request",
  );
  t.equal(proxyFor(new URL("http://z.test"), { http: "http://p", none: ["*"] }), undefined);
});
