// Texts recorded on real kernels: v2 on 6.12, v1 and hybrid on 6.1 (all controllers), hybrid-rest on 6.18 with only hugetlb left to v2.
import { readFileSync } from "node:fs";

export type Recording = "v1" | "v2" | "hybrid" | "hybrid-rest";

export function recorded(host: Recording, file: string): string {
  return readFileSync(new URL(`fixture/${host}/${file}`, import.meta.url), "utf8");
}
