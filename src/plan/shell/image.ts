// The shell commands for steps that hand images on. Registries are spoken to with curl, without logging in.
import type { ArchiveWrite, BlobFetch, BlobPush, ImageStep, ManifestFetch, ManifestPush, TreeExport } from "../step/image.ts";
import { shellOfCopy } from "./copy.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

function shellOfExport({ layers, path }: TreeExport): string {
  const tar = `tar -C "$place" --numeric-owner --xattrs --xattrs-include='*' -c .${path === "-" ? "" : ` > ${quoteWord(path)}`}`;
  // an overlay without an upper directory has two layers at least
  const lower = [...layers, ...(layers.length === 1 ? ["$empty"] : [])].join(":");
  return [
    "place=$(mktemp -d) empty=$(mktemp -d)",
    `mount -t overlay -o "ro,lowerdir=${lower.replace(/["`\\]/g, "\\$&")}" overlay "$place"`,
    tar,
    'umount "$place" && rmdir "$place" "$empty"',
  ].join("\n");
}

const address = (repository: string): string => {
  const slash = repository.indexOf("/");
  const [host, path] = [repository.slice(0, slash), repository.slice(slash + 1)];
  const scheme = /^(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/.test(host) ? "http" : "https";
  return `${scheme}://${host === "docker.io" ? "registry-1.docker.io" : host}/v2/${path}`;
};

function shellOfArchive({ path, images, members }: ArchiveWrite): string {
  const target = path === "-" ? "" : ` > ${quoteWord(path)}`;
  if (!members)
    return `: # the images ${images.map(quoteWord).join(" ")} are written to ${path === "-" ? "standard output" : quoteWord(path)}`;
  const lay = members.map((member) => {
    const place = `"$place"/${quoteWord(member.path)}`;
    return "file" in member ? words("cp", member.file).concat(` ${place}`) : `${words("printf", "%s", member.text)} > ${place}`;
  });
  const names = [...new Set(members.map((member) => member.path.replace(/\/.*/, "")))];
  return [
    'place=$(mktemp -d) && mkdir -p "$place"/blobs/sha256',
    ...lay,
    `tar -C "$place" --owner=0 --group=0 -c ${names.map(quoteWord).join(" ")}${target} && rm -r "$place"`,
  ].join("\n");
}

function shellOfMount(url: string, digest: string, from: string): string {
  const lend = `${url}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  return [
    `curl -sf -I -o /dev/null ${quoteWord(`${url}/blobs/${digest}`)} ||`,
    `  [ "$(${words("curl", "-s", "-X", "POST", "-o", "/dev/null", "-w", "%{http_code}", lend)})" = 201 ]`,
  ].join("\n");
}

function shellOfBlob({ digest, repository, path, from }: BlobPush): string {
  const url = address(repository);
  if (from !== undefined) return shellOfMount(url, digest, from);
  if (path === undefined) return `: # ${quoteWord(digest)} is compressed and sent to ${quoteWord(repository)}`;
  return [
    `curl -sf -I -o /dev/null ${quoteWord(`${url}/blobs/${digest}`)} || {`,
    `  location=$(curl -sf -X POST -D - -o /dev/null ${quoteWord(`${url}/blobs/uploads/`)} | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')`,
    `  case "$location" in /*) location=${quoteWord(new URL(url).origin)}$location ;; esac`,
    '  case "$location" in *\\?*) location="$location&" ;; *) location="$location?" ;; esac',
    `  curl -sf -X PUT -H 'Content-Type: application/octet-stream' -T ${quoteWord(path)} "\${location}digest=${digest}"`,
    "}",
  ].join("\n");
}

function shellOfManifest({ repository, reference, mediaType, path, text }: ManifestPush): string {
  const url = `${address(repository)}/manifests/${reference}`;
  const put = (data: string) =>
    words("curl", "-sf", "-o", "/dev/null", "-X", "PUT", "-H", `Content-Type: ${mediaType}`, "--data-binary", data, url);
  if (text !== undefined) return `${words("printf", "%s", text)} | ${put("@-")}`;
  if (path === undefined) return `: # a manifest of what was sent is put at ${quoteWord(url)}`;
  return put(`@${path}`);
}

function shellOfFetch({ digest, path }: BlobFetch | ManifestFetch, url: string, accept: readonly string[] = []): string {
  return [
    words("curl", "-sfL", "--create-dirs", ...accept, "-o", path, url),
    `echo ${quoteWord(`${digest.replace("sha256:", "")}  ${path}`)} | sha256sum -c --status`,
  ].join(" &&\n  ");
}

export const imageShell: Renderers<ImageStep> = {
  "archive.write": shellOfArchive,
  "tree.export": shellOfExport,
  "tree.copy": shellOfCopy,
  "blob.fetch": (step) => shellOfFetch(step, `${address(step.repository)}/blobs/${step.digest}`),
  "blob.push": shellOfBlob,
  "manifest.fetch": (step) =>
    shellOfFetch(step, `${address(step.repository)}/manifests/${step.reference}`, ["-H", `Accept: ${step.mediaType}`]),
  "manifest.push": shellOfManifest,
};
