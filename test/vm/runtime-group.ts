// What tests of the OCI runtime on cgroup v2 share: a group of the test's own, and a container in it.
import { readFileSync, rmdirSync } from "node:fs";
import type { Test } from "tap";
import { modeOf } from "../../src/cgroup/hierarchy.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import type { Document, OciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const skip = needRoot.skip || (modeOf(readHierarchies()) !== "v2" && "needs cgroup v2 alone");

/** Of each tap test. */
export const onUnified = () => ({ skip, buffered: true });

export const top = "/sys/fs/cgroup";
let made = 0;

export interface Group {
  readonly path: string;
  readonly directory: string;
  read(file: string): string;
}

/** A path of the test's own for linux.cgroupsPath; what is left of it at the end fails the test. */
export function newGroup(t: Test): Group {
  const above = `/tsns-test-runtime-${process.pid}-${made++}`;
  const path = `${above}/box`;
  t.teardown(() => rmdirSync(`${top}${above}`));
  const directory = `${top}${path}`;
  return { path, directory, read: (file) => readFileSync(`${directory}/${file}`, "utf8").trim() };
}

/** Made after the group, so that the container goes before it. */
export function start(t: Test, box: OciBox, { path }: Group, script: string, change: (config: Document) => void = () => {}): void {
  const bundle = box.bundle(script, (config) => {
    config.linux.cgroupsPath = path;
    change(config);
  });
  const { status, stderr } = box.oci(["run", "--detach", "--bundle", bundle, "box"]);
  t.equal(status, 0, stderr);
}
