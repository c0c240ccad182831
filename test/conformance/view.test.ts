// What a container may see of the kernel: proc and sysfs are where they are said to be, and there are no others (CVE-2023-27561, mount_too_revealing).
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import t from "tap";
import { type Document, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = () => ({ ...needRoot, buffered: true });

t.test("proc and sysfs are mounted on directories, through no link", options(), async (t) => {
  const box = openOciBox(t);
  const refused = (destination: string, prepare: (rootfs: string) => void): string => {
    const bundle = box.bundle("true", (config: Document, bundle) => {
      rmSync(`${bundle}/rootfs${destination}`, { recursive: true, force: true });
      prepare(`${bundle}/rootfs`);
      for (const mount of config.mounts) if (mount.destination === destination) mount.options = [];
      config.mounts = config.mounts.filter(({ type }: Document) => type !== "cgroup");
    });
    const { status, stderr } = box.oci(["create", "--bundle", bundle, "link"]);
    t.equal(status, 1);
    t.same(readdirSync(`${bundle}/rootfs`).includes("elsewhere"), false, "nothing is made where the link leads");
    return stderr;
  };
  for (const path of ["/proc", "/sys"]) {
    const wanted = `mount ${path}: must be mounted on ordinary directory`;
    const made = (rootfs: string) => `${rootfs}${path}`;
    t.match(
      refused(path, (rootfs) => symlinkSync("/tmp/elsewhere", made(rootfs))).split("\n")[0] ?? "",
      wanted,
      `${path}: a link to nothing`,
    );
    t.match(
      refused(path, (rootfs) => symlinkSync("bin", made(rootfs))),
      wanted,
      `${path}: a link to a directory`,
    );
    t.match(
      refused(path, (rootfs) => writeFileSync(made(rootfs), "")),
      wanted,
      `${path}: a file`,
    );
  }
});

t.test("a destination of proc below a link is in the root like any other", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("grep -c ' /real/proc .* - proc ' /proc/self/mountinfo", (config, bundle) => {
    mkdirSync(`${bundle}/rootfs/real`);
    symlinkSync("/real", `${bundle}/rootfs/link`);
    config.mounts.push({ destination: "/link/proc", type: "proc", source: "proc" });
  });
  const { status, stdout, stderr } = box.oci(["run", "--bundle", bundle, "below"]);
  t.equal(status, 0, stderr);
  t.equal(stdout.trim(), "1");
});

t.test("--no-pivot leaves no proc of the host's by which another could be mounted", options(), async (t) => {
  const box = openOciBox(t);
  const again =
    "unshare -mrpf sh -c 'mount -t proc none /proc && echo proc; mount -t sysfs none /sys && echo sysfs; echo tried' 2>/dev/null";
  const bundle = box.bundle(again, (config) => {
    for (const set of ["bounding", "permitted"]) config.process.capabilities[set].push("CAP_SETFCAP");
  });
  // Another proc beside the one at /proc, and one with something on top, as on hosts that have containers already.
  const places = ["one two", "three"].map((name) => `${bundle}/${name}`);
  for (const place of places) mkdirSync(place);
  const script = `for at in "$@"; do mount -t proc proc "$at"; done; mount -t tmpfs none "$2"; exec "$OCI" --root "$ROOT" run --no-pivot --bundle "$BUNDLE" moved`;
  const { status, stdout, stderr } = box.oci(["run", "--no-pivot", "--bundle", bundle, "plain"]);
  t.equal(stdout, "tried\n", `${status} ${stderr}`);
  const host = spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", ...places], {
    encoding: "utf8",
    env: { ...process.env, OCI: ociProgram, ROOT: box.root, BUNDLE: bundle },
  });
  t.equal(host.stdout, "tried\n", `${host.status} ${host.stderr}`);
});
