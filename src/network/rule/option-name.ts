// One name for each option of iptables that has several. Knows no values.

const shortNames: Readonly<Record<string, string>> = {
  "--source": "-s",
  "--src": "-s",
  "--destination": "-d",
  "--dst": "-d",
  "--protocol": "-p",
  "--proto": "-p",
  "--in-interface": "-i",
  "--out-interface": "-o",
  "--match": "-m",
  "--jump": "-j",
  "--goto": "-g",
  "--fragment": "-f",
  "--destination-port": "--dport",
  "--source-port": "--sport",
  "--destination-ports": "--dports",
  "--source-ports": "--sports",
};

/** The spellings that have a shorter one. */
export const longNames: readonly string[] = Object.keys(shortNames);

/** An option's short or only name: "-s" for "--source". */
export function shortName(word: string): string {
  return shortNames[word] ?? word;
}
