// Whatever a client sends is answered with a status of the specification, never with a defect; parsers of headers and files hold.
import { request as httpRequest } from "node:http";
import fc from "fast-check";
import t from "tap";
import { parseContentRange, parseRange } from "../../src/api/registry/range.ts";
import { parseBcrypt } from "../../src/engine/registry-serve/bcrypt.ts";
import { parseHtpasswd } from "../../src/engine/registry-serve/htpasswd.ts";
import { serveHere } from "../fixture/registry-serve.ts";

const digits = fc.oneof(fc.nat().map(String), fc.constant(""), fc.constant("9".repeat(30)));

t.test("ranges lie within what there is", async (t) => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(digits, digits).map(([from, to]) => `bytes=${from}-${to}`),
  );
  fc.assert(
    fc.property(header, fc.nat(1000), (text, sizeBytes) => {
      const range = parseRange(text, sizeBytes);
      if (range === undefined || range === "unsatisfiable") return true;
      return range.start >= 0 && range.start <= range.end && range.end < sizeBytes;
    }),
  );
  fc.assert(
    fc.property(header, (text) => {
      const range = parseContentRange(text);
      return range === undefined || (range.start <= range.end && Number.isSafeInteger(range.end));
    }),
  );
  t.pass("all of them");
});

t.test("password files", async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      parseBcrypt(text);
      parseBcrypt(`$2y$05$${text}`);
      try {
        parseHtpasswd(text, "file");
      } catch (error) {
        return error instanceof Error && "code" in error && error.code === "bad-htpasswd";
      }
      return true;
    }),
  );
  t.pass("are read or refused");
});

t.test("requests", async (t) => {
  const { base, log } = await serveHere(t);
  const word = fc.constantFrom(
    "v2",
    "a",
    "b",
    "blobs",
    "uploads",
    "manifests",
    "tags",
    "list",
    "referrers",
    "_catalog",
    "1",
    "%2e%2e",
    "..",
    "%00",
  );
  const digest = fc.constantFrom(`sha256:${"0".repeat(64)}`, "sha256:x", "%73ha256:1");
  const path = fc.array(fc.oneof(word, digest), { maxLength: 6 }).map((parts) => `/v2/${parts.join("/")}`);
  const query = fc.constantFrom(
    "",
    "?",
    "?digest=sha256:1",
    `?digest=sha256:${"0".repeat(64)}`,
    "?n=1&last=%ff",
    "?mount=x&from=..",
    "?mount=%",
  );
  const method = fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS");
  const body = fc.constantFrom(
    "",
    "{}",
    "[]",
    "null",
    '{"schemaVersion":2,"manifests":[null]}',
    '{"schemaVersion":2,"config":1,"layers":{}}',
  );
  const send = (how: string, where: string, what: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { "Content-Length": Buffer.byteLength(what), "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
      const request = httpRequest(base, { method: how, path: where, headers, agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      request.on("error", reject);
      request.end(what);
    });
  await fc.assert(
    fc.asyncProperty(method, path, query, body, async (how, where, more, what) => {
      return (await send(how, where + more, what)) < 500;
    }),
    { numRuns: 300 },
  );
  t.notOk(
    log.some(({ status }) => status >= 499),
    "none was broken off",
  );
});
