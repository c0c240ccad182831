// Program files: what they say of themselves, and that none can make the parser fail.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { machines, parseProgram } from "../../../src/container/why/elf.ts";

t.test("a dynamic program of this host", async (t) => {
  const program = parseProgram(readFileSync(process.execPath));
  t.equal(program.kind, "elf");
  t.equal(machines[program.machine ?? 0], process.arch);
  t.match(program.interpreter, /^\/lib.*ld/);
  t.ok(
    program.needed.some((name) => name.startsWith("libc.so")),
    "it needs the C library",
  );
});

t.test("scripts and other files", async (t) => {
  t.match(parseProgram(Buffer.from("#!/bin/sh -e\necho")), { kind: "script", interpreter: "/bin/sh" });
  t.match(parseProgram(Buffer.from("#! /usr/bin/env bash\n")), { kind: "script", interpreter: "/usr/bin/env" });
  t.equal(parseProgram(Buffer.from("#!/bin/sh\r\n")).interpreter, "/bin/sh\\r");
  t.equal(parseProgram(Buffer.alloc(0)).kind, "empty");
  t.equal(parseProgram(Buffer.from("hello")).kind, "other");
});

t.test("any bytes behind the mark of an ELF file are survived", async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 60, maxLength: 600 }), (bytes) => {
      parseProgram(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46]), bytes]));
    }),
  );
});
