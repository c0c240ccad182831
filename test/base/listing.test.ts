import t from "tap";
import { type Listing, renderListing } from "../../src/base/listing.ts";

interface Row {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

let asked = 0;
const listing: Listing<Row> = {
  fields: [
    { name: "ID", header: "Container ID", value: (row) => row.id },
    { name: "Names", header: "Names", value: (row) => row.name },
    {
      name: "Size",
      header: "Size",
      inTable: false,
      value: () => {
        asked++;
        return "0B";
      },
    },
  ],
  key: (row) => row.id,
  methods: { Label: (row, name) => row.labels[String(name)] ?? "" },
};
const rows: Row[] = [
  { id: "aa", name: "web", labels: { tier: "front" } },
  { id: "bb", name: "evil\x1b[2J\nx", labels: {} },
];

t.test("the default table", async (t) => {
  t.equal(await renderListing(listing, rows), "CONTAINER ID   NAMES\naa             web\nbb             evil\\x1b[2J\\nx\n");
  t.equal(await renderListing(listing, rows, { format: "table" }), await renderListing(listing, rows));
  t.equal(asked, 0, "a field outside the table is not computed");
});

t.test("-q prints keys", async (t) => {
  t.equal(await renderListing(listing, rows, { quiet: true }), "aa\nbb\n");
  t.equal(await renderListing(listing, [], { quiet: true }), "");
});

t.test("JSON", async (t) => {
  t.equal(await renderListing(listing, rows.slice(0, 1), { format: "json" }), '{"ID":"aa","Names":"web","Size":"0B"}\n');
  t.same(JSON.parse(await renderListing(listing, rows, { json: true })), [
    { ID: "aa", Names: "web", Size: "0B" },
    { ID: "bb", Names: "evil\x1b[2J\nx", Size: "0B" },
  ]);
  t.same(JSON.parse(await renderListing({ ...listing, record: (row) => ({ id: row.id }) }, rows, { json: true })), [
    { id: "aa" },
    { id: "bb" },
  ]);
  t.equal(await renderListing(listing, [], { json: true }), "[]\n");
});

t.test("templates", async (t) => {
  t.equal(await renderListing(listing, rows, { format: "{{.ID}}:{{.Names}}" }), "aa:web\nbb:evil\\x1b[2J\\nx\n");
  t.equal(await renderListing(listing, rows, { format: '{{.Label "tier"}}' }), "front\n\n");
  t.equal((await renderListing(listing, rows, { format: "table {{.ID}}\\t{{upper .Names}}" })).split("\n")[0], "CONTAINER ID   NAMES");
  t.equal(
    await renderListing(listing, rows.slice(0, 1), { format: "table {{.ID}}\t{{.Names}}" }),
    "CONTAINER ID   NAMES\naa             web\n",
  );
  t.equal(await renderListing(listing, rows.slice(0, 1), { format: "table {{slice .ID 0 1}}" }), "CONTAINER ID\na\n");
  await t.rejects(renderListing(listing, rows, { format: "{{.Nope}}" }), {
    kind: "invalid",
    code: "template-failed",
    message: /can't evaluate field Nope in type struct$/,
    hint: "there are ID, Label, Names",
  });
  await t.rejects(renderListing(listing, rows, { format: "table {{.Name}}" }), {
    code: "template-failed",
    hint: "did you mean Names? there are ID, Label, Names",
  });
  await t.rejects(renderListing(listing, [], { format: "{{" }), { code: "bad-template" }, "checked also when there are no rows");
});
