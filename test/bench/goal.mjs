// The goals of speed and memory, held against the results of one run of the engines' benchmark.

/** @typedef {{ scenario: string, metric: string, better: "low" | "high", stats: Record<string, { median: number }> }} Row */
/** @typedef {{ scenario: string, metric: RegExp, peer: string, factor: number }} Goal  times the peer's median; "" : absolute */

/** @type {Goal[]} */
const goals = [
  { scenario: "run-none", metric: /^wall$/, peer: "docker", factor: 0.35 },
  { scenario: "run-none", metric: /^wall$/, peer: "podman", factor: 1 },
  { scenario: "run-bridge", metric: /^wall$/, peer: "docker", factor: 0.3 },
  { scenario: "run-bridge", metric: /^wall$/, peer: "podman", factor: 0.3 },
  { scenario: "run-port", metric: /^wall$/, peer: "docker", factor: 0.3 },
  { scenario: "exec", metric: /^wall$/, peer: "docker", factor: 0.6 },
  { scenario: "start-stop", metric: /^all four$/, peer: "docker", factor: 0.5 },
  { scenario: "ps", metric: /^(ps with|inspect, )\d+( running)?$/, peer: "podman", factor: 1 },
  ...["burst-none", "burst-bridge"].flatMap((scenario) => [
    { scenario, metric: /^start \d+/, peer: "docker", factor: 4 },
    { scenario, metric: /^rm -f of \d+/, peer: "docker", factor: 1 },
  ]),
  ...["docker", "podman"].flatMap((peer) => [
    { scenario: "load", metric: /^(load|save), /, peer, factor: 2 },
    { scenario: "registry", metric: /^(pull|push), /, peer, factor: 2 },
    { scenario: "logs", metric: /^(logs of it|attached run to a file)$/, peer, factor: 2 },
    { scenario: "cp", metric: /^(in|out), /, peer, factor: 1 },
  ]),
  { scenario: "commit", metric: /^commit of \d+ MB$/, peer: "docker", factor: 0.7 },
  { scenario: "burst-none", metric: /^helper memory/, peer: "", factor: 250 },
];

const number = (/** @type {number} */ value) => (value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2));

/** @param {Goal} goal @param {Row} row @returns {string} one line: what is, what is asked, whether it holds */
function renderGoal(goal, row) {
  const name = `${row.scenario}: ${row.metric}`.padEnd(44);
  const ours = row.stats.tsns?.median;
  const theirs = goal.peer === "" ? 1 : row.stats[goal.peer]?.median;
  if (ours === undefined || theirs === undefined) return `${name} not measured for ${ours === undefined ? "tsns" : goal.peer}`;
  const ratio = ours / theirs;
  const holds = row.better === "low" ? ratio <= goal.factor : ratio >= goal.factor;
  const word = row.better === "low" ? "at most" : "at least";
  const what = goal.peer === "" ? `${number(ours)}, ${word} ${goal.factor}` : `${ratio.toFixed(2)}x ${goal.peer}, ${word} ${goal.factor}x`;
  return `${name} ${what.padEnd(36)} ${holds ? "reached" : "MISSED"}`;
}

/** One line per goal and metric that the run covered. @param {Row[]} rows @returns {string[]} */
export function renderGoals(rows) {
  return goals.flatMap((goal) =>
    rows.filter((row) => row.scenario === goal.scenario && goal.metric.test(row.metric)).map((row) => renderGoal(goal, row)),
  );
}

/**
 * What the dashboard may cost, by name of what was measured.
 * @type {readonly { readonly name: string, readonly what: string, readonly unit: string, readonly most?: number }[]}
 */
const tuiGoals = [
  { name: "workingPercent", what: "CPU, 50 containers at work", unit: "% of a core", most: 2 },
  { name: "idlePercent", what: "CPU, nothing changes", unit: "% of a core", most: 0.5 },
  { name: "paintMs", what: "first full screen", unit: "ms", most: 400 },
  { name: "keyMs", what: "a key with 500 containers, median", unit: "ms", most: 50 },
  { name: "slowestKeyMs", what: "a key with 500 containers, slowest", unit: "ms" },
  { name: "pssMb", what: "memory, 50 containers", unit: "MB PSS", most: 150 },
  { name: "pssManyMb", what: "memory, 500 containers", unit: "MB PSS", most: 150 },
  { name: "growthMb", what: "its growth", unit: "MB an hour", most: 10 },
];

/** One line for each that was measured. @param {Readonly<Record<string, number>>} found @returns {string[]} */
export function renderTui(found) {
  return tuiGoals.flatMap(({ name, what, unit, most }) => {
    const value = found[name];
    if (value === undefined) return [];
    const line = `dashboard: ${what.padEnd(36)} ${value.toFixed(2)} ${unit}`;
    return most === undefined ? line : `${line}, at most ${most}: ${value <= most ? "reached" : "MISSED"}`;
  });
}

/** Times of the OCI runtime against those of others: by name of who was measured. */
const ociGoals = [
  { name: "tsns", what: "create, start, delete", peer: "runc", factor: 1.5 },
  { name: "native", what: "its native part", peer: "crun", factor: 1.5 },
];

/**
 * What was measured, then what was asked. Pure.
 * @param {Readonly<Record<string, { minMs: number, medianMs: number }>>} found @param {number} rounds @returns {string[]}
 */
export function renderOci(found, rounds) {
  const times = Object.entries(found).map(
    ([name, { minMs, medianMs }]) => `  ${name.padEnd(8)} min ${minMs.toFixed(1).padStart(6)}  median ${medianMs.toFixed(1).padStart(6)}`,
  );
  const lines = ociGoals.map(({ name, what, peer, factor }) => {
    const [mine, theirs] = [found[name], found[peer]];
    if (mine === undefined || theirs === undefined) return `oci: ${what} not measured for ${mine === undefined ? name : peer}`;
    const ratio = mine.medianMs / theirs.medianMs;
    return `oci: ${what.padEnd(24)} ${ratio.toFixed(2)}x ${peer}, at most ${factor}x: ${ratio <= factor ? "reached" : "MISSED"}`;
  });
  return [`oci: create, start and delete of a prepared bundle, ms, ${rounds} interleaved rounds`, ...times, ...lines];
}
