import t from "tap";
import { findUser } from "../../../src/container/as/user.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:44::/srv:/bin/sh\nbare:x:7:8\n";
const group = "root:x:0:\nwww:x:44:\nextra:x:55:web,root\nother:x:66:web\n";
const found = (spec: string, added: readonly string[] = []) => findUser(spec, added, passwd, group);

t.test("a name, a number, a group, as the helper finds them", async (t) => {
  t.same(found(""), { uid: 0, gid: 0, groups: [55], home: "/root" });
  t.same(found("web"), { uid: 33, gid: 44, groups: [55, 66], home: "/srv" });
  t.same(found("33"), found("web"), "a number in the file is that user");
  t.same(found("web:extra"), { uid: 33, gid: 55, groups: [], home: "/srv" }, "who names a group has no others");
  t.same(found("1000:1001", ["other", "9"]), { uid: 1000, gid: 1001, groups: [66, 9], home: "/" });
  const odd = findUser("33:55", ["55"], `33:x:0:0::/:/bin/sh\n${passwd}`, `55:x:0:\n${group}`);
  t.same(odd, { uid: 33, gid: 55, groups: [55], home: "/srv" }, "a number is never a name");
  t.same(found("bare"), { uid: 7, gid: 8, groups: [], home: "/" }, "a line without a home");
});

t.test("a name that is in no file is said with it", async (t) => {
  t.throws(() => found("nobody"), { code: "no-such-user", message: /user nobody: no matching entries in passwd file/ });
  t.throws(() => found("web:none"), { code: "no-such-group", message: /group none: .* group file/ });
  t.throws(() => found("web", ["none"]), { code: "no-such-group" });
});
