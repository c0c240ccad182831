// --mount: docker's grammar, what does not go together, docker's words for it.
import t from "tap";
import { parseMount } from "../../../cmds/option/mount-field.ts";

const parse = (text: string) => parseMount(text, "/work/here");

t.test("what is mounted", async (t) => {
  const bind = { type: "bind", source: "/a", target: "/b", readOnly: false, propagation: "rprivate", origin: "mount" };
  const volume = { type: "volume", name: "data", anonymous: false, target: "/b", readOnly: false, origin: "mount" };
  const tmpfs = { type: "tmpfs", target: "/b", origin: "mount" };
  const cases: [string, object][] = [
    ["type=bind,source=/a,target=/b", bind],
    ["TYPE=BIND,src=/a/,dst=/b/,ro", { ...bind, readOnly: true }],
    ["type=bind,src=/a,destination=/b,readonly=true,bind-propagation=rslave", { ...bind, readOnly: true, propagation: "rslave" }],
    ["type=bind,src=./x,dst=/b,readonly=0", { ...bind, source: "/work/here/x" }],
    ["type=bind,src=..,dst=/b,consistency=cached", { ...bind, source: "/work" }],
    ["type=bind,src=/a,dst=/b,bind-nonrecursive", { ...bind, nonRecursive: true }],
    ["type=bind,src=/a,dst=/b,bind-recursive=disabled", { ...bind, nonRecursive: true }],
    ["type=bind,src=/a,dst=/b,ro,bind-recursive=writable", { ...bind, readOnly: true, writableBelow: true }],
    ["type=bind,src=/a,dst=/b,ro,bind-recursive=readonly,bind-propagation=rprivate", { ...bind, readOnly: true }],
    ["src=data,dst=/b", volume],
    ["type=volume,dst=/b", { ...volume, name: "", anonymous: true }],
    ["type=volume,src=data,dst=/b,volume-nocopy,volume-subpath=x//y/", { ...volume, noCopy: true, subpath: "x/y" }],
    [
      'type=volume,src=data,dst=/b,volume-driver=plug,volume-opt=type=tmpfs,"volume-opt=o=size=1m,mode=700",volume-label=k=v,volume-label=l',
      { ...volume, driver: "plug", driverOptions: { type: "tmpfs", o: "size=1m,mode=700" }, labels: { k: "v", l: "" } },
    ],
    ["type=tmpfs,dst=/b", { ...tmpfs, options: [] }],
    ["type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=0700,ro", { ...tmpfs, options: ["ro", "size=1048576", "mode=0700"] }],
  ];
  for (const [text, expected] of cases) t.same(parse(text), expected, text);
});

t.test("what is refused", async (t) => {
  const cases: [string, RegExp][] = [
    ["", /value is empty/],
    ["type=bind,src=/a,dst=/b,foo", /invalid field 'foo' must be a key=value pair/],
    ["type=bind,src=/a,dst=/b,foo=1", /unexpected key 'foo' in 'foo=1'/],
    ["type=bind,src=/a,dst=/b,__proto__=1", /unexpected key '__proto__'/],
    ["type=bind,src=/a,dst=/b,ro=maybe", /invalid value for ro: maybe/],
    ["type=bind,src=/a,dst=/b,bind-recursive=x", /invalid value for bind-recursive: x \(must be "enabled"/],
    ["type=bind,src=/a,dst=/b,bind-recursive=writable", /requires 'readonly'/],
    ["type=bind,src=/a,dst=/b,ro,bind-recursive=readonly", /requires 'bind-propagation=rprivate'/],
    ["type=bind,src=/a,dst=/b,bind-propagation=x", /invalid propagation mode: x/],
    ["type=bind,src=/a,dst=/b,volume-nocopy", /cannot mix 'volume-\*' options with mount type 'bind'/],
    ["src=a,dst=/b,bind-propagation=shared", /cannot mix 'bind-\*' options with mount type 'volume'/],
    ["src=aa,dst=/b,tmpfs-size=1", /cannot mix 'tmpfs-\*'/],
    ["type=tmpfs,dst=/b,tmpfs-size=x", /invalid value for tmpfs-size: x/],
    ["type=tmpfs,dst=/b,tmpfs-mode=9", /invalid value for tmpfs-mode: 9/],
    ["type=tmpfs,src=/a,dst=/b", /field Source must not be specified/],
    ["type=bind,dst=/b", /field Source must not be empty/],
    ["type=bind,src=a,dst=/b", /invalid mount path: 'a' mount path must be absolute/],
    ["type=bind,src=/a", /field Target must not be empty/],
    ["type=bind,src=/a,dst=b", /mount path must be absolute/],
    ["type=bind,src=/a,dst=/", /destination can't be '\/'/],
    ["type=foo,src=/a,dst=/b", /invalid mount config for type "foo": mount type unknown/],
    ["type=,dst=/b", /type is required/],
    ["type=image,src=a,dst=/b", /not supported/],
    ["src=a/b,dst=/b", /includes invalid characters/],
    ["dst=/b,ro", /must not set ReadOnly mode when using anonymous volumes/],
    ["src=data,dst=/b,volume-subpath=../x", /subpath must be a relative path/],
    ["src=data,dst=/b,volume-subpath=/x", /subpath must be a relative path/],
    ["dst=/b,volume-subpath=x", /anonymous/],
    ['src=data,dst="/b', /quote/],
    ['src=data,dst=/b"', /quote/],
  ];
  for (const [text, message] of cases) t.throws(() => parse(text), { kind: "invalid", code: "bad-mount", message }, text);
});
