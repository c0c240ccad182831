// This machine's byte order, which the kernel prints and sends numbers in. node:os knows it too, but loads slowly.

export const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
