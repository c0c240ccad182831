// Use case: what slows a container down, or slowed its last run down.
import { availableParallelism } from "node:os";
import { TsnsError } from "../../base/error.ts";
import { isLive } from "../../container/record.ts";
import type { Claim } from "../../container/why/claim.ts";
import { judgeSlow, type SlowQuestion } from "../../container/why/slow.ts";
import { readGroupEvidence } from "../../kernel/cgroup/evidence.ts";
import { tryReadText } from "../../kernel/text-file.ts";
import { findContainer } from "../../store/container-record.ts";
import { listDeaths } from "../../store/death-record.ts";
import { observeContainer } from "../container/observe.ts";
import { repairContainer } from "../container/repair.ts";
import type { Engine } from "../engine.ts";

/** Throws not-found; conflict for a container that has never run. */
export async function whySlow(engine: Engine, reference: string): Promise<readonly Claim[]> {
  const { id } = findContainer(engine.store, reference);
  await repairContainer(engine, id);
  const observed = observeContainer(engine, findContainer(engine.store, id));
  const { record } = observed;
  const group = (isLive(observed) && readGroupEvidence(record.run?.cgroups ?? {})) || listDeaths(engine.store, id)[0]?.group;
  if (!group) {
    throw new TsnsError("conflict", "never-run", `nothing is known of how ${record.name} ran`, {
      hint: record.run ? "its groups were gone before anybody looked" : `it has not run yet: tsns start ${record.name}`,
    });
  }
  return judgeSlow({ name: record.name, group, pressure: pressureOf(group), onlineCpus: availableParallelism() });
}

const kinds = ["cpu", "memory", "io"] as const;

/** Its own where groups have some (v2), else the host's. */
function pressureOf({ version, texts }: NonNullable<SlowQuestion["group"]>): SlowQuestion["pressure"] {
  const own = entriesOf((kind) => texts[`${kind}Pressure`]);
  if (version === "v2" && Object.keys(own).length > 0) return { of: "container", texts: own };
  // a kernel without PSI has no such file, or answers EOPNOTSUPP
  const host = entriesOf((kind) => tryReadText(`/proc/pressure/${kind}`));
  return Object.keys(host).length > 0 ? { of: "host", texts: host } : undefined;
}

function entriesOf(read: (kind: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const text = read(kind);
      return text === undefined ? [] : [[kind, text] as const];
    }),
  );
}
