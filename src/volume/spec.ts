// What a volume is: its name, who keeps it, labels and options; and what of that can be. Pure: knows no container and no file.
import { TsnsError } from "../base/error.ts";

export interface VolumeRecord {
  readonly name: string;
  readonly createdMs: number;
  /** "local", or the name of a plug-in. */
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The driver's: of "local" these are type, device and o, as mount(8) has them. */
  readonly options: Readonly<Record<string, string>>;
}

/** What somebody asks for who makes a volume. */
export interface VolumeRequest {
  /** Absent: an anonymous one, with 64 hex digits for a name. */
  readonly name?: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** The driver that keeps its volumes below the data root. */
export const localDriver = "local";

/** docker's mark of a volume nobody gave a name. */
export const anonymousLabel = "com.docker.volume.anonymous";

export const isAnonymous = ({ labels }: Pick<VolumeRecord, "labels">): boolean => Object.hasOwn(labels, anonymousLabel);

/** A name is that of a directory: the longest one of most file systems (path_resolution(7)). */
const nameLengthMax = 255;

/** Why a text is no name of a volume, in docker's words; undefined for one that is. */
export function nameFault(name: string): string | undefined {
  if (name.length === 1) return "volume name is too short, names should be at least two alphanumeric characters";
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    return `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`;
  return name.length > nameLengthMax ? `volume name is too long, names have at most ${nameLengthMax} characters` : undefined;
}

/** Each of these needs the others, as docker has it. */
const needs: Readonly<Record<string, readonly string[]>> = { device: ["type"], type: ["device"], o: ["device", "type"] };

/** What is wrong with the options of the driver "local", in docker's words. */
export function localOptionFaults(options: VolumeRequest["options"]): string[] {
  const unknown = Object.keys(options).filter((key) => key !== "size" && !Object.hasOwn(needs, key));
  if (unknown.length > 0) return unknown.map((key) => `invalid option: "${key}"`);
  if (options.size !== undefined) return ["quota size requested but no quota support"];
  const missing = Object.keys(options).flatMap((key) => needs[key] ?? []);
  return [...new Set(missing)].filter((key) => !options[key]).map((key) => `missing required option: "${key}"`);
}

/** Throws TsnsError invalid `bad-volume` with all that is wrong with a request. */
export function validateVolume({ name, driver, options }: VolumeRequest): void {
  const fault = name === undefined ? undefined : nameFault(name);
  const faults = [...(fault === undefined ? [] : [fault]), ...(driver === localDriver ? localOptionFaults(options) : [])];
  const lines = faults.map((text) => `create ${name ?? "volume"}: ${text}`);
  const [first] = lines;
  if (first === undefined) return;
  const hint = "the options of the driver local are type, device and o; see tsns volume create --help";
  throw new TsnsError("invalid", "bad-volume", lines.join("\n"), {
    ...(lines.length > 1 ? { problems: lines } : {}),
    ...(fault ? {} : { hint }),
  });
}

/** What a volume that is there and a request for one of its name disagree on; undefined when it will do. */
export function conflictOf(record: VolumeRecord, request: VolumeRequest): string | undefined {
  if (record.driver !== request.driver) return `it has the driver ${record.driver}`;
  return differs(record.options, request.options) ? "it has other options" : undefined;
}

/** Whether labels were asked for that the volume that is there does not have: it keeps its own, as docker has it. */
export const keepsLabels = (record: VolumeRecord, request: VolumeRequest): boolean => differs(record.labels, request.labels);

/** Nothing asked for is no difference. */
const differs = (own: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.keys(wanted).length > 0 && JSON.stringify(sorted(own)) !== JSON.stringify(sorted(wanted));

const sorted = (map: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
