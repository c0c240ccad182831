// Any entry survives writing and reading; any bytes at all are read or refused with a TsnsError, in pieces of any size.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { cleanMember } from "../../src/image/archive.ts";
import { openTarReader, type TarEntry, type TarType } from "../../src/image/tar.ts";
import { parsePax } from "../../src/image/tar-pax.ts";
import { archiveNames } from "../../src/kernel/tree/resolve.ts";
import { type ArchiveEntry, makeTar } from "../fixture/busybox.ts";

interface Read {
  readonly entries: readonly TarEntry[];
  readonly data: string;
}

function read(archive: Buffer, sizes: readonly number[]): Read {
  const entries: TarEntry[] = [];
  const data: Buffer[] = [];
  const reader = openTarReader({
    entry: (entry) => void entries.push(entry),
    data: (piece) => void data.push(Buffer.from(piece)),
    end() {},
  });
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = Math.max(sizes[turn % sizes.length] ?? 512, 1);
    reader.push(archive.subarray(at, at + size));
    at += size;
  }
  reader.finish();
  return { entries, data: Buffer.concat(data).toString("latin1") };
}

/** True when it was read or refused as it should be; anything else is thrown. */
function survives(work: () => unknown): boolean {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TsnsError) || error.kind === "internal") throw error;
  }
  return true;
}

const byteString = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("\0", "_"));
const name = byteString(300).filter((text) => !text.endsWith("/"));
const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 });
const id = fc.integer({ min: 0, max: 2 ** 32 - 2 });
const entry: fc.Arbitrary<ArchiveEntry> = fc
  .record({
    path: name,
    type: fc.constantFrom<TarType[]>("file", "directory", "symlink", "link", "char", "block", "fifo"),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: id,
    gid: id,
    mtimeSeconds: fc.oneof(
      fc.integer({ min: -1e9, max: 1e10 }),
      fc.integer({ min: 0, max: 1e9 }).map((number) => number + 0.5),
    ),
    linkPath: name,
    data: fc.uint8Array({ maxLength: 2000 }),
    xattr: fc.uint8Array({ maxLength: 64 }),
  })
  .map(({ data, xattr, linkPath, ...rest }) => ({
    ...rest,
    ...(rest.type === "file" ? { data } : {}),
    ...(rest.type === "symlink" || rest.type === "link" ? { linkPath } : {}),
    ...(xattr.length > 0 ? { xattrs: new Map([["user.x", Buffer.from(xattr)]]) } : {}),
  }));

t.test("entries survive", async (t) => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), sizes, (written, pieces) => {
      const { entries, data } = read(makeTar(written), pieces);
      const shown = (one: ArchiveEntry) => [one.path, one.type, one.mode, one.uid, one.gid, one.mtimeSeconds, one.linkPath ?? ""];
      t.same(entries.map(shown), written.map(shown));
      t.equal(data, written.map((one) => Buffer.from(one.data ?? "").toString("latin1")).join(""));
      t.same(
        entries.map((one) => one.xattrs.get("user.x")),
        written.map((one) => one.xattrs?.get("user.x")),
      );
    }),
    { numRuns: 150 },
  );
});

t.test("damaged archives", async () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), damage, fc.nat(), sizes, (written, holes, cut, pieces) => {
      const archive = makeTar(written);
      for (const [at, byte] of holes) archive[at % archive.length] = byte;
      return survives(() => read(archive.subarray(0, cut % (archive.length + 1)), pieces));
    }),
    { numRuns: 300 },
  );
});

t.test("headers with a right checksum and anything in them", async () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 512, maxLength: 512 }),
      fc.constantFrom(..."0123456789xgLKSVDMN\0"),
      fc.uint8Array({ maxLength: 1500 }),
      (bytes, type, rest) => {
        const header = Buffer.from(bytes);
        header.write(type, 156, "latin1");
        for (const at of [100, 108, 116, 124, 136]) if ((header[at] ?? 0) % 3 > 0) header.write("0000012\0", at, "latin1");
        header.fill(" ", 148, 156);
        header.write(
          `${header
            .reduce((sum, byte) => sum + byte, 0)
            .toString(8)
            .padStart(6, "0")}\0`,
          148,
          "latin1",
        );
        return survives(() => read(Buffer.concat([header, Buffer.from(rest)]), [512]));
      },
    ),
    { numRuns: 500 },
  );
});

t.test("pax records", async () => {
  const record = fc.tuple(fc.nat(40), fc.string({ maxLength: 20 })).map(([length, text]) => `${length} ${text}\n`);
  fc.assert(
    fc.property(
      fc.array(record).map((records) => Buffer.from(records.join(""))),
      (bytes) => survives(() => parsePax(bytes)),
    ),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => survives(() => parsePax(Buffer.from(bytes)))));
});

t.test("no path of an archive leads above its root", async (t) => {
  const path = fc.array(fc.constantFrom("a", "b", "..", ".", "", "...", "..a"), { maxLength: 12 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(path, (text) => {
      t.notMatch(`/${cleanMember(text)}/`, /\/\.{1,2}\//);
      return survives(() => {
        const names = archiveNames(text);
        if (names.some((one) => one === ".." || one === "." || one === "")) throw new Error(`${text}: ${names.join("/")}`);
      });
    }),
  );
});
