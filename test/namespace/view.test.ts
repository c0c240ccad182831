import t from "tap";
import { flattenTree, type NamespaceRelation, planTree } from "../../src/namespace/view.ts";

const user = (inode: number, parent: number, ownerUid = 0): NamespaceRelation => ({
  kind: "user",
  inode,
  userNamespace: parent,
  parent,
  ownerUid,
});
const net = (inode: number, userNamespace: number): NamespaceRelation => ({ kind: "net", inode, userNamespace, parent: 0, ownerUid: -1 });

t.test("a tree of user namespaces with what each owns", async (t) => {
  const relations = [user(30, 10, 1000), user(10, 0), net(11, 10), net(31, 30), net(32, 30), user(20, 10), user(40, 30)];
  const rows = flattenTree(planTree("user", relations, []));
  t.same(
    rows.map(({ branch, depth, node }) => `${branch}${node.inode} ${depth} ${node.owns.net ?? 0}`),
    ["10 0 1", "├─20 1 0", "└─30 1 2", "  └─40 2 0"],
  );
  t.equal(rows[2]?.node.ownerUid, 1000);
});

t.test("a parent out of sight makes a root, a circle nothing endless", async (t) => {
  t.same(
    planTree("user", [user(5, 99), user(7, 7)], []).map(({ inode }) => inode),
    [5, 7],
  );
  t.same(planTree("pid", [user(5, 0)], []), [], "the other kind is left out");
});
