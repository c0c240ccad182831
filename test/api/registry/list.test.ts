import t from "tap";
import { makeManifest, manifestType, serveHere } from "../../fixture/registry-serve.ts";

t.test("names and tags come in pages", async (t) => {
  const { ask, push } = await serveHere(t);
  const body = makeManifest("{}", []);
  const put = async (name: string, tag: string) => {
    await push(name, "{}");
    await ask("PUT", `/v2/${name}/manifests/${tag}`, { body, headers: { "Content-Type": manifestType } });
  };
  for (const tag of ["3", "1", "latest", "2"]) await put("b", tag);
  await put("a/c", "1");
  const read = async (path: string) => {
    const reply = await ask("GET", path);
    return { value: JSON.parse(reply.body.toString()), link: reply.headers.link, status: reply.status };
  };
  t.match(await read("/v2/_catalog"), { value: { repositories: ["a/c", "b"] }, link: undefined });
  t.match(await read("/v2/_catalog?n=1"), { value: { repositories: ["a/c"] }, link: '</v2/_catalog?n=1&last=a%2Fc>; rel="next"' });
  t.match(await read("/v2/_catalog?n=1&last=a%2Fc"), { value: { repositories: ["b"] }, link: undefined });
  t.match(await read("/v2/b/tags/list"), { value: { name: "b", tags: ["1", "2", "3", "latest"] } });
  t.match(await read("/v2/b/tags/list?n=2&last=1"), {
    value: { tags: ["2", "3"] },
    link: '</v2/b/tags/list?n=2&last=3>; rel="next"',
  });
  t.same((await read("/v2/b/tags/list?n=0")).value.tags, []);
  for (const n of ["-1", "x", "1e3", ""]) {
    t.match(await ask("GET", `/v2/_catalog?n=${n}`), { status: 400, codes: ["PAGINATION_NUMBER_INVALID"] }, `n=${n}`);
  }
  t.match(await ask("GET", "/v2/none/tags/list"), { status: 404, codes: ["NAME_UNKNOWN"] });
  t.match(await ask("GET", "/v2/"), { status: 200, headers: { "docker-distribution-api-version": "registry/2.0" } });
});
