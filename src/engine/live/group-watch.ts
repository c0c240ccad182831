// The groups of the containers that run, where the kernel tells of them (cgroup v2).
import { type ContainerState, isLive } from "../../container/record.ts";
import { watchGroup } from "../../kernel/cgroup/watch.ts";

export interface GroupWatches extends Disposable {
  /** From now on the groups of these are watched, and no others. */
  follow(containers: readonly ContainerState[]): void;
}

/** `changed`: something happened to the group of this container. */
export function openGroupWatches(changed: (id: string) => void): GroupWatches {
  const watches = new Map<string, Disposable>();
  const keyOf = ({ record }: ContainerState) => `${record.id} ${record.run?.startedMs}`;
  return {
    follow(containers) {
      const live = containers.filter((state) => isLive(state) && state.record.run?.cgroups.unified !== undefined);
      if (live.length === 0 && watches.size === 0) return;
      const wanted = new Set(live.map(keyOf));
      for (const [key, watching] of watches) {
        if (wanted.has(key)) continue;
        watching[Symbol.dispose]();
        watches.delete(key);
      }
      for (const state of live) {
        const { id, run } = state.record;
        if (!watches.has(keyOf(state)))
          watches.set(
            keyOf(state),
            watchGroup(run?.cgroups.unified ?? "", () => changed(id)),
          );
      }
    },
    [Symbol.dispose]() {
      for (const watching of watches.values()) watching[Symbol.dispose]();
      watches.clear();
    },
  };
}
