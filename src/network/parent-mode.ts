// How links of macvlan and ipvlan sit on their parent: the modes by docker's names.

/** The first is the usual one. */
export const macvlanModes = ["bridge", "private", "vepa", "passthru"] as const;
export const ipvlanModes = ["l2", "l3", "l3s"] as const;
export const ipvlanFlags = ["bridge", "private", "vepa"] as const;

/** Such a network has no layer 2: packets are routed to its links, which need no gateway. */
export const isRoutedMode = (mode: string | undefined): boolean => mode === "l3" || mode === "l3s";
