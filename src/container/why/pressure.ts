// Pressure stall information (Documentation/accounting/psi.rst): how much of the time somebody, or everybody, waited. Pure.

export interface Pressure {
  /** Percent of the last minute in which at least one task waited. */
  readonly some60: number;
  /** In which all waited; 0 where the kernel does not tell. */
  readonly full60: number;
  readonly someMicros: number;
}

/** Undefined for another text. */
export function parsePressure(text: string): Pressure | undefined {
  const some = /^some avg10=[\d.]+ avg60=([\d.]+) avg300=[\d.]+ total=(\d+)/m.exec(text);
  if (!some) return undefined;
  const full = /^full avg10=[\d.]+ avg60=([\d.]+) /m.exec(text);
  return { some60: Number(some[1]), full60: Number(full?.[1] ?? 0), someMicros: Number(some[2]) };
}
