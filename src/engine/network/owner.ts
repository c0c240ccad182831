// Under which names the journal keeps what networks are at.

/** Owner of the journal of an unfinished change of a container's places: it removes the link that was coming or going. */
export const changeOwner = (id: string): string => `place:${id}`;

/** The container of such an owner; undefined for others. */
export const containerOfChange = (owner: string): string | undefined => /^place:([0-9a-f]{64})$/.exec(owner)?.[1];
