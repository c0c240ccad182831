// The server around the handlers: what is no route, read-only, users, defects, slow clients, its end.
import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { startServer } from "../../../src/api/registry/server.ts";
import { makeManifest, manifestType, serveHere } from "../../fixture/registry-serve.ts";
import { waitFor } from "../../fixture/wait.ts";

t.test("paths and methods that are none", async (t) => {
  const { ask, log } = await serveHere(t);
  t.match(await ask("GET", "/"), { status: 404, codes: ["NAME_UNKNOWN"] });
  t.match(await ask("GET", "/v1/search"), { status: 404 });
  t.match(await ask("GET", "/v2/%zz/tags/list"), { status: 400, codes: ["NAME_INVALID"] });
  t.match(await ask("POST", "/v2/"), { status: 405, codes: ["UNSUPPORTED"], headers: { allow: "GET, HEAD" } });
  t.match(await ask("PATCH", "/v2/a/manifests/1"), { status: 405, headers: { allow: "GET, HEAD, PUT, DELETE" } });
  await waitFor("all is logged", () => log.length === 5);
  t.match(log[4], { method: "PATCH", target: "/v2/a/manifests/1", status: 405, reason: /not supported/ });
});

t.test("read-only", async (t) => {
  const { ask } = await serveHere(t, { readOnly: true });
  t.equal((await ask("GET", "/v2/")).status, 200);
  for (const [method, path] of [
    ["POST", "/v2/a/blobs/uploads/"],
    ["PUT", "/v2/a/manifests/1"],
    ["DELETE", "/v2/a/manifests/1"],
  ] as const) {
    t.match(
      await ask(method, path, method === "DELETE" ? {} : { body: "x" }),
      { status: 405, codes: ["UNSUPPORTED"] },
      `${method} ${path}`,
    );
  }
});

t.test("a page in a browser changes nothing", async (t) => {
  const { ask } = await serveHere(t);
  const headers = { Origin: "https://example.com" };
  t.match(await ask("POST", "/v2/a/blobs/uploads/", { headers }), { status: 403, codes: ["DENIED"] });
  t.equal((await ask("GET", "/v2/", { headers })).status, 200);
});

t.test("users", async (t) => {
  const gate = { knows: () => true, admit: async (header: string | undefined) => (header === "Basic right" ? "ann" : undefined) };
  const { ask, log } = await serveHere(t, { gate });
  const refused = await ask("GET", "/v2/");
  t.match(refused, { status: 401, codes: ["UNAUTHORIZED"], headers: { "www-authenticate": /^Basic realm=/ } });
  t.match(await ask("POST", "/v2/a/blobs/uploads/", { headers: { Authorization: "Basic wrong" } }), { status: 401 });
  t.equal((await ask("GET", "/v2/", { headers: { Authorization: "Basic right" } })).status, 200);
  await waitFor("all is logged", () => log.length === 3);
  t.same(
    log.map(({ user, status }) => [user, status]),
    [
      [undefined, 401],
      [undefined, 401],
      ["ann", 200],
    ],
  );
});

t.test("a defect says no more than that, and the next request is served", async (t) => {
  const gate = {
    knows: () => true,
    admit: async (header: string | undefined): Promise<string> => {
      if (header !== undefined) throw new Error("/secret/path");
      return "ann";
    },
  };
  const { ask, log } = await serveHere(t, { gate });
  const reply = await ask("GET", "/v2/", { headers: { Authorization: "x" } });
  t.match(reply, { status: 500, codes: ["UNKNOWN"] });
  t.notMatch(reply.body.toString(), /secret/);
  await waitFor("it is logged", () => log.length === 1);
  t.equal(log[0]?.reason, "/secret/path");
  t.equal((await ask("GET", "/v2/")).status, 200);
});

/** Who is served may stand still for a while without being taken for one that stalls. */
const longerThanAPause = 3000;

t.test("a client that stalls is let go; a manifest sent in pieces is not", async (t) => {
  const { base, ask, push, log } = await serveHere(t, { idleMs: longerThanAPause });
  await push("a", "{}");
  const open = () => {
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    socket.on("error", () => {});
    return socket;
  };
  const stalled = open();
  stalled.write("PUT /v2/a/manifests/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  const silent = open();
  const letGo = Promise.all([once(stalled, "close"), once(silent, "close")]);
  const body = makeManifest("{}", []);
  t.equal((await ask("PUT", "/v2/a/manifests/2", { body, headers: { "Content-Type": manifestType } })).status, 201, "others are served");
  await letGo;
  await waitFor("it is logged", () => log.some(({ status, target }) => status === 499 && target === "/v2/a/manifests/1"));
});

t.test("who is refused hears it, however much of the body is still to come", async (t) => {
  const { base, log } = await serveHere(t, { readOnly: true });
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  const closed = once(socket, "close");
  const [piece, pieces] = ["x".repeat(100_000), 20];
  const write = (text: string) => new Promise<void>((done, fail) => socket.write(text, (error) => (error ? fail(error) : done())));
  await write(`POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`);
  await once(socket, "readable");
  for (let sent = 0; sent < pieces; sent++) await write(piece);
  let heard = "";
  for await (const part of socket) heard += part;
  t.match(heard, /^HTTP\/1\.1 405 [\s\S]*"code":"UNSUPPORTED"[\s\S]*read-only[\s\S]*\}\s*$/);
  t.same(await closed, [false], "no error");
  await waitFor("it is logged", () => log.length === 1);
  t.match(log[0], { status: 405, reason: /read-only/ });
});

t.test("an address that is taken, and one that is none", async (t) => {
  const { base, service } = await serveHere(t);
  const port = Number(new URL(base).port);
  const start = (host: string, at: number) => startServer({ service, readOnly: true, host, port: at });
  await t.rejects(start("127.0.0.1", port), { code: "kernel-eaddrinuse" });
  await t.rejects(start("192.0.2.1", 0), { code: "kernel-eaddrnotavail" });
});

t.test("closing waits for requests under way, but not for ever", async (t) => {
  const { service, ask } = await serveHere(t);
  const location = String((await ask("POST", "/v2/a/blobs/uploads/")).headers.location);
  const server = await startServer({ service, readOnly: false, host: "127.0.0.1", port: 0 });
  const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
  const closed = once(socket, "close");
  socket.on("error", () => {});
  socket.write(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc`);
  await waitFor("the request is under way", async () => (await ask("GET", location)).headers.range === "0-2");
  await server.close(50);
  await closed;
  t.pass("both have ended");
});
