// Settings of registries as files have them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { defaultSettings, parseRegistrySettings } from "../../src/registry/settings.ts";
import { readRegistrySettings } from "../../src/registry/settings-file.ts";

const parse = (value: unknown, strict = true) => parseRegistrySettings(JSON.stringify(value), "/f", defaultSettings, strict);

t.test("all keys", async (t) => {
  const settings = parse({
    "insecure-registries": ["a:5000", "10.0.0.0/8"],
    "registry-mirrors": ["https://m"],
    mirrors: { "b.test": ["http://n:1/"] },
    "certificate-directories": ["/c"],
    proxies: { "http-proxy": "http://p", "no-proxy": "x, y" },
    "stall-seconds": 2,
    tries: 7,
    "upload-chunk-bytes": 1000,
  });
  t.match(settings, {
    insecure: ["a:5000", "10.0.0.0/8"],
    mirrors: { "docker.io": ["https://m"], "b.test": ["http://n:1/"] },
    proxies: { http: "http://p", none: ["x", "y"] },
    stallMs: 2000,
    tries: 7,
    chunkBytes: 1000,
  });
  t.equal(settings.certificateDirectories.at(-1), "/c");
  t.same(parse({}), defaultSettings);
});

t.test("all problems at once; docker's file may have keys of docker", async (t) => {
  t.throws(() => parse({ insecure: [], "insecure-registries": "a", mirrors: { x: ["m"] }, tries: 0, proxies: [] }), {
    code: "bad-settings",
    message:
      '/f: "insecure" is no setting; the mirror "m" is no URL like https://HOST:PORT; "insecure-registries" must be a list of texts; ' +
      '"proxies" must be an object; "tries" must be a number above 0',
  });
  t.same(parse({ "storage-driver": "overlay2" }, false), defaultSettings);
  for (const text of ["", "[]", "{"])
    t.throws(() => parseRegistrySettings(text, "/f", defaultSettings, true), { code: "bad-settings" }, text);
});

t.test("a file that is named, and variables over it", async (t) => {
  const path = join(t.testdir(), "r.json");
  writeFileSync(path, '{"insecure-registries": ["a"], "proxies": {"https-proxy": "http://file"}}');
  const settings = readRegistrySettings({ TSNS_REGISTRIES: path, https_proxy: "http://variable" });
  t.same([settings.insecure, settings.proxies], [["a"], { http: undefined, https: "http://variable", none: [] }]);
  t.throws(() => readRegistrySettings({ TSNS_REGISTRIES: `${path}.none` }), { code: "kernel-enoent" });
});

t.test("any text is settings or an error of its own", async () => {
  const keys = fc.constantFrom("insecure-registries", "registry-mirrors", "mirrors", "proxies", "tries", "stall-seconds");
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => {
      try {
        parse(value);
        return true;
      } catch (error) {
        return error instanceof Error && "code" in error && error.code === "bad-settings";
      }
    }),
  );
});
