// How a chunk of the shipped command is loaded, and how V8's code for it is made. Both functions are written into other
// programs as text, so each uses nothing but its arguments.
//
// Node's compile cache keeps what is compiled when a file is loaded, which leaves out nearly every function; making code of
// all of them saves 5 ms of `tsns run`. V8 accepts code only for a source of the same length, by the same version and flags.

/**
 * The whole of main.cjs: loads the file of the command whose words come first; without one (options before them, help, a
 * mistake) the file "main", which knows the tree.
 * @param {NodeJS.Require} nodeRequire @param {string} directory
 * @param {Record<string, string>} files name as required to file name without ending
 * @param {Record<string, [file: string, name: string]>} commands a command's words to its file and its name there
 */
export function boot(nodeRequire, directory, files, commands) {
  const [major = "0"] = process.versions.node.split(".");
  if (Number(major) < 26) {
    process.stderr.write(
      `tsns: this is Node ${process.versions.node}, tsns needs 26 or newer (run \`npm ci\` and use dist/tsns, which brings its own)\n`,
    );
    process.exit(1);
  }
  const { readFileSync } = nodeRequire("node:fs");
  const { Script } = nodeRequire("node:vm");
  // Stored code is refused under this flag, Node's own as well: taken back before anything is loaded (native/flag.c, seed.h).
  try {
    if (process.execArgv.includes("--no-rehash-snapshot")) process.dlopen({ exports: {} }, `${directory}/tsns-flag.node`);
  } catch {
    // Without it the command is only slower.
  }
  /** @type {Map<string, { exports: any }>} */
  const loaded = new Map();
  const [, , ...given] = process.argv;
  const words = [1, 2, 3].map((count) => given.slice(0, count).join(" ")).find((start) => Object.hasOwn(commands, start));
  if (words === undefined) load("./main.cjs").runProcess();
  else {
    const [file, name] = commands[words] ?? ["", ""];
    load(`./${file}.cjs`).run(words, name);
  }

  /** Chunks by name, everything else by Node. @param {string} id @returns {any} */
  function load(id) {
    const stem = files[id];
    if (stem === undefined) return nodeRequire(id);
    const known = loaded.get(id);
    if (known) return known.exports;
    const filename = `${directory}/${stem}.cjs`;
    let cachedData;
    try {
      cachedData = readFileSync(`${directory}/${stem}.jsc`);
    } catch {
      // Built without Node 26.
    }
    const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(filename, "latin1")}\n})`;
    const script = new Script(text, { filename, cachedData });
    const module = { exports: {} };
    loaded.set(id, module);
    script.runInThisContext()(module.exports, load, module, filename, directory);
    return module.exports;
  }
}

/**
 * Writes STEM.jsc for each STEM.cjs. The flag is taken back before the code is written, because V8 notes the flags there.
 * @param {string[]} stems paths without ending
 */
export function compileChunks(stems) {
  const { readFileSync, renameSync, writeFileSync } = process.getBuiltinModule("node:fs");
  const { Script } = process.getBuiltinModule("node:vm");
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  for (const stem of stems) {
    const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(`${stem}.cjs`, "latin1")}\n})`;
    setFlagsFromString("--no-lazy");
    const script = new Script(text, { filename: `${stem}.cjs` });
    setFlagsFromString("--lazy");
    writeFileSync(`${stem}.jsc.new`, script.createCachedData(), { mode: 0o644 });
    renameSync(`${stem}.jsc.new`, `${stem}.jsc`);
  }
}
