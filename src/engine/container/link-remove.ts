// Takes a link away (docker rm --link): from the record, by which the name server answers, and from the container's /etc/hosts. Its environment stays.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { LinkSpec } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { findContainer, getContainer, updateContainerSpec } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";
import { guestsOf } from "./guest.ts";
import { linkHosts, livingLinks } from "./link.ts";
import { observeContainer } from "./observe.ts";

/** `CHILD/ALIAS`. Returns false after a dry run. Throws not-found, and conflict for the name of a container itself. */
export async function removeLink(engine: Engine, reference: string): Promise<boolean> {
  const [child = "", alias] = reference.replace(/^\//, "").split("/", 2);
  const record = findContainer(engine.store, child);
  if (alias === undefined) {
    throw new TsnsError("conflict", "default-link", `Conflict, cannot remove the default link name of the container ${record.name}`, {
      hint: "write it as CONTAINER/ALIAS",
    });
  }
  requireLink(record, alias);
  const step = { kind: "record.put", container: record.id, name: record.name } as const;
  const files = observeContainer(engine, record).status === "running" ? hostsSteps(engine, record, alias) : [];
  if (engine.show({ steps: [{ step, because: `without the link ${alias}` }, ...files] })) return false;
  engine.store.transaction(() => {
    const now = getContainer(engine.store, record.id);
    if (now) updateContainerSpec(engine.store, now.id, withoutLink(now.spec, alias));
  });
  if (files.length > 0) await engine.apply({ steps: files });
  return true;
}

function requireLink({ name, spec }: ContainerRecord, alias: string): void {
  const links = [...(spec.links ?? []), ...spec.attachments.flatMap((attachment) => attachment.links ?? [])];
  if (links.some((link) => link.alias === alias)) return;
  throw new TsnsError("not-found", "no-such-link", `${name} has no link ${alias}`, {
    hint: `tsns inspect -f '{{.HostConfig.Links}}' ${name} shows those it has`,
  });
}

/** Also without those of `network connect --link`. */
function withoutLink(spec: ContainerSpec, alias: string): ContainerSpec {
  const rest = <T extends { readonly links?: readonly LinkSpec[] }>({ links = [], ...other }: T) => {
    const kept = links.filter((link) => link.alias !== alias);
    return { ...other, ...(kept.length > 0 ? { links: kept } : {}) };
  };
  return { ...rest(spec), attachments: spec.attachments.map(rest) };
}

/** In place, as the file is bound into the container and those in its network; the lines of a source that has ended stay, its address is nobody's. */
function hostsSteps(engine: Engine, record: ContainerRecord, alias: string): readonly PlannedStep[] {
  const gone = linkHosts(livingLinks(engine, record).filter((link) => link.alias === alias)).map(
    ([names, address]) => `${address}\t${names}`,
  );
  return [record, ...guestsOf(engine, record)].flatMap(({ id }): readonly PlannedStep[] => {
    const path = `${containerDirectory(engine.root, id).path}/hosts`;
    const text = readIfThere(path);
    const fresh = text
      .split("\n")
      .filter((line) => !gone.includes(line))
      .join("\n");
    if (fresh === text) return [];
    return [{ step: { kind: "file.write", path, text: fresh, mode: 0o644 }, because: `${alias} is no name in the container's /etc/hosts` }];
  });
}

const readIfThere = (path: string): string => readTextIfThere(path) ?? "";
