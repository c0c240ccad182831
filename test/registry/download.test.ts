// A file from an address: redirects, refusals, breaks, silence, proxies.
import { createServer } from "node:http";
import t from "tap";
import { download, shownUrl } from "../../src/registry/download.ts";
import type { RegistrySettings } from "../../src/registry/settings.ts";
import { type Answer, quickSettings, readAll, startFake } from "../fixture/fake-registry.ts";

const fetch = (url: string, settings: Partial<RegistrySettings> = {}, signal?: AbortSignal) =>
  readAll(download(new URL(url), { settings: { ...quickSettings, ...settings }, env: {}, signal }));

t.test("the body, through redirects", async (t) => {
  const other = await startFake(t, (_, response) => void response.end("body"));
  const answer: Answer = ({ url }, response) => {
    if (url === "/a") response.writeHead(302, { location: "/b" }).end();
    else if (url === "/b") response.writeHead(307, { location: `http://${other.host}/c` }).end();
    else if (url === "/ring") response.writeHead(301, { location: "/ring" }).end();
    else response.writeHead(302, { location: "file:///etc/passwd" }).end();
  };
  const { host, asked } = await startFake(t, answer);
  t.equal((await fetch(`http://user:secret@${host}/a`)).toString(), "body");
  t.match(asked[0]?.headers, { authorization: /^Basic / });
  t.equal(other.asked[0]?.headers.authorization, undefined, "who one is concerns the first alone");
  await t.rejects(fetch(`http://${host}/ring`), { code: "download-redirect", message: `http://${host}/ring redirects more than 10 times` });
  await t.rejects(fetch(`http://${host}/away`), { code: "download-redirect", message: /leads to "file:\/\/\/etc\/passwd"$/ });
  t.equal(shownUrl(new URL("http://user:secret@h/x")), "http://h/x");
});

t.test("what is refused is one line with address and status", async (t) => {
  const { host, asked } = await startFake(t, ({ url }, response) => void response.writeHead(Number(url.slice(1))).end("<html>\nno"));
  await t.rejects(fetch(`http://u:secret@${host}/404`), {
    kind: "not-found",
    message: `failed to GET http://${host}/404 with status 404 Not Found`,
  });
  await t.rejects(fetch(`http://${host}/503`), {
    kind: "unavailable",
    message: `failed to GET http://${host}/503 with status 503 Service Unavailable`,
  });
  t.equal(asked.length, 2, "no answer is asked for twice");
});

t.test("connections that fail", async (t) => {
  let broken = 0;
  const { host, stop } = await startFake(t, ({ url }, response, request) => {
    if (url === "/once" && broken++ > 0) response.end("body");
    else if (url === "/once") request.socket.destroy();
    else if (url === "/short") response.writeHead(200, { "content-length": 100 }).write("x".repeat(10), () => response.destroy());
    else if (url === "/silent") response.writeHead(200).write("x");
  });
  t.equal((await fetch(`http://${host}/once`)).toString(), "body", "tried again");
  await t.rejects(fetch(`http://${host}/short`), { code: "download-truncated", message: /: the download broke off after \d+ bytes$/ });
  await t.rejects(fetch(`http://${host}/silent`, { stallMs: 100 }), {
    message: `http://${host}/silent: server ${host}: it does not answer: nothing came for 0.1 s`,
  });
  await t.rejects(fetch(`http://${host}/mute`, { stallMs: 100 }), { code: "registry-stalled" });
  const controller = new AbortController();
  const waiting = fetch(`http://${host}/silent`, {}, controller.signal);
  controller.abort();
  await t.rejects(waiting, { code: "interrupted" });
  stop();
  await t.rejects(fetch(`http://${host}/gone`), { message: `http://${host}/gone: server ${host}: connection refused` });
});

t.test("a proxy", async (t) => {
  const asked: string[] = [];
  const server = createServer(({ url = "" }, response) => {
    asked.push(url);
    response.end("through");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const proxy = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  t.equal((await fetch("http://files.invalid/x", { proxies: { http: proxy, none: [] } })).toString(), "through");
  t.same(asked, ["http://files.invalid/x"]);
});
