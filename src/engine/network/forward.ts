// Forwarded ports of this host: made and removed. What is in their way is in forward-conflict.ts, the list of all in forward-list.ts.
import { TsnsError } from "../../base/error.ts";
import { isOwnAddress, readPlace } from "../../kernel/network/place.ts";
import { type ForwardSpec, parseForward, renderForward } from "../../network/rule/forward-spec.ts";
import { takePort } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";
import { leaseIp, refuseLeased, refuseTaken } from "./forward-conflict.ts";
import { addHostRule, chooseHostRules, removeHostRules } from "./rules-own.ts";

export interface ForwardOptions {
  readonly masquerade?: boolean | undefined;
}

/** Returns its number. Throws invalid `bad-forward`, unavailable `no-route`, not-found `no-such-address`, conflict `port-taken`. */
export async function addForward(engine: Engine, text: string, options: ForwardOptions = {}): Promise<number | undefined> {
  const parsed = parseForward(text);
  const spec: ForwardSpec = options.masquerade ? { ...parsed, masquerade: true } : parsed;
  if (spec.hostIp !== undefined && !isOwnAddress(spec.hostIp)) {
    throw new TsnsError("not-found", "no-such-address", `${spec.hostIp} is no address of this host`, {
      hint: "tsns net addr ls lists them; leave it out for all",
    });
  }
  const place = readPlace(spec.targetIp);
  if (!place) {
    throw new TsnsError("unavailable", "no-route", `no route of this host leads to ${spec.targetIp}`, {
      hint: "tsns net route ls lists them",
    });
  }
  await refuseTaken(engine, spec);
  const { link, subnet } = place;
  const rule = {
    kind: "forward",
    spec,
    place: { ...(link === undefined ? {} : { link }), ...(subnet === undefined ? {} : { subnet }) },
  } as const;
  return addHostRule(engine, rule, {
    check: (records) => refuseLeased(engine, records, spec),
    reserve(label) {
      for (let port = spec.hostPorts[0]; port <= spec.hostPorts[1]; port++) {
        takePort(engine.store, { protocol: spec.protocol, hostIp: leaseIp(spec), hostPort: port, container: label });
      }
    },
  });
}

/** By number or specification. Throws not-found `no-such-forward`. */
export async function removeForwards(engine: Engine, references: readonly string[]): Promise<readonly number[]> {
  return removeHostRules(engine, (records) =>
    chooseHostRules(records, "forward", references, (rule, reference) => rule.kind === "forward" && isSame(rule.spec, reference)),
  );
}

function isSame(spec: ForwardSpec, reference: string): boolean {
  try {
    return renderForward(spec) === renderForward(parseForward(reference));
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "invalid") return false;
    throw error;
  }
}
