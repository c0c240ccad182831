// The rows of images: one for each name, below it who uses it and the steps that made it. Pure.

import type { LiveImage } from "../../../src/engine/live/image.ts";
import type { ImageStep } from "../../../src/engine/live/image-content.ts";
import type { LayerCounts } from "../../../src/layer/contribution.ts";
import { passesFilter, sortRows } from "../../model/list.ts";
import type { ContentFed, StepsFed } from "../../model/need.ts";
import type { BranchRow, BranchState } from "../branch.ts";

export interface ImageNameRow extends BranchRow {
  readonly kind: "image";
  readonly image: LiveImage;
  /** "" where it has none. */
  readonly name: string;
  readonly isOpen: boolean;
}

export interface ImageUserRow extends BranchRow {
  readonly kind: "user";
  readonly image: LiveImage;
  readonly user: LiveImage["users"][number];
  readonly isLast: boolean;
}

export interface ImageStepRow extends BranchRow {
  readonly kind: "step";
  readonly image: LiveImage;
  readonly step: ImageStep;
  /** What its layer did; undefined until it has been looked into. */
  readonly counts: LayerCounts | undefined;
  readonly isLast: boolean;
}

export type ImageRow = ImageNameRow | ImageUserRow | ImageStepRow;

export const shortImageId = (id: string): string => id.replace(/^sha256:/, "").slice(0, 12);

/** Nobody has a name for it, and nothing was made from it. */
export const isDangling = ({ names, isParent, isHost }: LiveImage): boolean => names.length === 0 && !isParent && !isHost;

/** Who uses it, in a few words. */
export function useOf(image: LiveImage): string {
  const { users, isHost, isParent } = image;
  if (users.length > 0) return users.map(({ name }) => name).join(" ");
  if (isHost) return "this machine";
  return isDangling(image) ? "unused, dangling" : isParent ? "other images" : "unused";
}

/** What commands call the image of a row. */
export const referenceOf = ({ image, name }: Pick<ImageNameRow, "image" | "name">): string => name || shortImageId(image.id);

/** What rows are sorted by; the most first where that is what matters. */
export const imageOrders: Readonly<Record<string, (row: ImageNameRow) => string | number>> = {
  age: ({ image }) => -image.createdMs,
  name: ({ name, image }) => name || `~${image.id}`,
  size: ({ image }) => image.sizeBytes,
  unique: ({ image }) => image.sizeBytes - image.sharedBytes,
  users: ({ image }) => image.users.length,
};

export const descendingImageOrders: ReadonlySet<string> = new Set(["size", "unique", "users"]);

const wordsOf = ({ image, name }: ImageNameRow): string =>
  [name || "<none>", image.id.slice("sha256:".length), image.platform, useOf(image)].join(" ");

function nameRows(images: readonly LiveImage[], { list, open }: BranchState): readonly ImageNameRow[] {
  const rows = images.flatMap((image) =>
    (image.names.length > 0 ? image.names : [""]).map((name): ImageNameRow => {
      const key = `${image.id} ${name}`;
      return { kind: "image", key, image, name, isOpen: open.has(key) };
    }),
  );
  return sortRows(
    rows.filter((row) => passesFilter(list.filter, wordsOf(row))),
    imageOrders[list.sorted.column] ?? (({ key }) => key),
    ({ key }) => key,
    list.sorted.descending,
  );
}

function innerRows({ key: parent, image }: ImageNameRow, known: ImageFacts): readonly ImageRow[] {
  const steps = known.steps?.get(image.id) ?? [];
  const counts = known.counts?.get(image.id) ?? [];
  const users = image.users.map((user, at): ImageUserRow => {
    const isLast = steps.length === 0 && at === image.users.length - 1;
    return { kind: "user", key: `${parent} ${user.id}`, parent, image, user, isLast };
  });
  return [
    ...users,
    ...steps.map(
      (step, at): ImageStepRow => ({
        kind: "step",
        key: `${parent} step ${steps.length - at}`,
        parent,
        image,
        step,
        counts: step.layer === undefined ? undefined : counts[step.layer - 1],
        isLast: at === steps.length - 1,
      }),
    ),
  ];
}

/** What has been fed of them. */
export interface ImageFacts {
  readonly images: readonly LiveImage[] | undefined;
  readonly steps: StepsFed["steps"] | undefined;
  readonly counts: ContentFed["counts"] | undefined;
}

export const imageRows = (state: BranchState, facts: ImageFacts): readonly ImageRow[] =>
  nameRows(facts.images ?? [], state).flatMap((row) => (row.isOpen ? [row, ...innerRows(row, facts)] : [row]));

/** Ids of images that are open. */
export const openImages = (rows: readonly ImageRow[]): readonly string[] => [
  ...new Set(rows.flatMap((row) => (row.kind === "image" && row.isOpen ? [row.image.id] : []))),
];
