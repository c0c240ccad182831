// Routes of any network namespace: listing, changing, and asking which one a packet would take.
import { KernelError, TsnsError } from "../../base/error.ts";
import { readRouteTo } from "../../kernel/network/link-table.ts";
import { bitsOf, type Family, familyOf } from "../../network/link-address.ts";
import { requireLink } from "../../network/link-name.ts";
import { planRouteAdd, planRouteRemove } from "../../network/route-plan.ts";
import { mainTable, type RouteState } from "../../network/route-state.ts";
import type { RouteSpec } from "../../plan/step/link.ts";
import type { Engine } from "../engine.ts";
import { applyWhole } from "../undo.ts";
import { type NetworkPlaceState, nobody, readLinkOwners, readPlace } from "./link-place.ts";

export interface RouteRow extends RouteState {
  /** Empty for a route without link (blackhole, several next hops). */
  readonly link: string;
  /** Whose the link is; "-" for nobody's. */
  readonly owner: string;
  /** Ways of a route that has several: "10.0.0.1 dev eth0". */
  readonly ways: readonly string[];
}

export interface RouteFilter {
  /** Absent: main; 0: all tables. */
  readonly table?: number | undefined;
  readonly family?: Family | undefined;
}

function rowsOf(engine: Engine, place: NetworkPlaceState, routes: readonly RouteState[]): readonly RouteRow[] {
  const owners = readLinkOwners(engine, place);
  const nameOf = (index: number) => place.links.find((link) => link.index === index)?.name ?? "";
  return routes.map((route) => ({
    ...route,
    link: nameOf(route.linkIndex),
    owner: owners.get(route.linkIndex) ?? nobody,
    ways: route.nextHops.map(({ gateway, linkIndex }) => `${gateway === "" ? "" : `${gateway} `}dev ${nameOf(linkIndex)}`),
  }));
}

/** In the kernel's order: IPv4, then IPv6. */
export function listRoutes(
  engine: Engine,
  reference: string | undefined,
  { table = mainTable, family }: RouteFilter = {},
): readonly RouteRow[] {
  const place = readPlace(engine, reference);
  const chosen = place.routes.filter(
    (route) => (table === 0 || route.table === table) && (family === undefined || route.family === family),
  );
  return rowsOf(engine, place, chosen);
}

export async function addRoute(engine: Engine, reference: string | undefined, route: RouteSpec): Promise<void> {
  await applyWhole(engine, planRouteAdd(route, readPlace(engine, reference)));
}

/** `typed`: the type was asked for, so it has to be the same. */
export async function removeRoute(engine: Engine, reference: string | undefined, route: RouteSpec, typed: boolean): Promise<void> {
  await applyWhole(engine, planRouteRemove(route, typed, readPlace(engine, reference)));
}

export interface RouteQuestion {
  readonly to: string;
  readonly from?: string | undefined;
  readonly link?: string | undefined;
}

/** The route that packets to an address take. Throws TsnsError unavailable `no-route` where none leads there. */
export function getRoute(engine: Engine, reference: string | undefined, { to, from, link }: RouteQuestion): RouteRow {
  const place = readPlace(engine, reference);
  const index = link === undefined ? undefined : requireLink(place.links, link, place.label).index;
  const family = familyOf(to);
  const route = asked(to, place.label, () =>
    readRouteTo(
      { family, address: to, prefixLength: bitsOf(family) },
      {
        ...(from === undefined ? {} : { from }),
        ...(index === undefined ? {} : { linkIndex: index }),
        ...(place.path === undefined ? {} : { namespacePath: place.path }),
      },
    ),
  );
  const [row] = route ? rowsOf(engine, place, [route]) : [];
  if (!row) throw noRoute(to, place.label);
  return row;
}

const unreachable: readonly string[] = ["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL"];

function asked<T>(to: string, label: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof KernelError && unreachable.includes(error.errno) && error.syscall.startsWith("find"))
      throw noRoute(to, label, error);
    throw error;
  }
}

function noRoute(to: string, label: string, cause?: KernelError): TsnsError {
  const why =
    cause?.errno === "EACCES" ? "a route prohibits it" : cause?.errno === "EINVAL" ? "no route, or a blackhole" : "no route leads there";
  return new TsnsError("unavailable", "no-route", `${to} cannot be reached from ${label}: ${why}`, {
    hint: "tsns net route ls shows the routes",
    ...(cause ? { cause } : {}),
  });
}
