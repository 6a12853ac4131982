// Runs a TypeScript program of this project: `node scripts/run.cjs main.ts [arguments]`.
//
// esbuild bundles the program's own files: no type check at every run, no network, and a fraction of the time that
// transpiling file by file takes. What it made is kept as long as no source changes.
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');
const { keepBundle, keptBundle, sourcesOf } = require('./bundle-cache.cjs');
const { ResultsCache } = require('./results-cache.cjs');

const begun = Date.now();

const [program, ...args] = process.argv.slice(2);
const filename = path.resolve(program);
const main = new Module(filename);
main.filename = filename;
main.paths = [filename, __filename].flatMap((file) => Module._nodeModulePaths(path.dirname(file)));

const isSynthesis = args.length === 0;
// Two files may each have a class with the same name. Keeping the names takes 7 % of the time of a synthesis.
const keepNames = args[0] === 'where';

/** A synthesis has its own bundle, and so does a command that prompts for names. */
const name = JSON.stringify([filename, isSynthesis, keepNames]);
const kept = keptBundle(name);
if (kept) run(kept);
else bundleAndRun();

function bundleAndRun() {
  const { build } = require('esbuild');
  const bundling = build({
    ...require('./bundle-options.cjs'),
    keepNames,
    // A synthesis does not need the commands, which are a third of the program.
    external: isSynthesis ? [path.resolve('lib/tools/commands/program.ts')] : [],
    entryPoints: [filename],
    // Nothing is written to this path; it makes paths in stack traces relative to the program.
    outfile: filename,
    allowOverwrite: true,
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    write: false,
  });
  loadPackages();
  bundling.then(
    ({ outputFiles, metafile }) => {
      const [map, code] = outputFiles.map(({ text }) => text);
      run({ code, map: () => map, ...sourcesOf(filename, metafile, begun) });
    },
    () => {
      // esbuild has printed the error.
      process.exitCode = 1;
    },
  );
}

/**
 * The largest packages are loaded while esbuild works in its own process; the program then finds them in Node's module
 * cache.
 */
function loadPackages() {
  const packages = ['constructs', 'cdk8s', 'cdk8s-plus-25/lib/imports/k8s'];
  if (isSynthesis && !ResultsCache.has(name)) {
    // A synthesis also needs rules and dashboards, which it checks and renders if it finds no cached results.
    packages.push(
      '@prometheus-io/lezer-promql',
      '@grafana/lezer-logql',
      '@grafana/grafana-foundation-sdk/dashboard',
    );
  }
  for (const name of packages) main.require(name);
}

function run(bundle) {
  process.argv = [process.argv[0], filename, ...args];
  mapStackTraces(bundle.map);
  const script = new vm.Script(Module.wrap(bundle.code), {
    filename,
    // Node 20 refuses dynamic imports of code from its cache.
    cachedData: args[0] === 'graph' ? undefined : bundle.compiled,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (bundle.files) keepAtExit(bundle, script);
  const ofMain = (name) => main.require(name);
  Object.assign(ofMain, { ...require, resolve: (name) => Module._resolveFilename(name, main) });
  script.runInThisContext().call(main.exports, main.exports, ofMain, main, filename, path.dirname(filename));
}

/** Caches a new bundle and new results. Without a cache, the next run creates them again, so errors are ignored. */
function keepAtExit(bundle, script) {
  const results = new ResultsCache(name, filename, bundle.files, begun);
  globalThis.keptResults = results;
  process.on('exit', () => {
    try {
      if (!bundle.compiled) keepBundle(name, { ...bundle, compiled: script.createCachedData() });
      results.keep();
    } catch {
      // Such as a folder without write access.
    }
  });
}

/**
 * Maps stack traces to the sources. Node would parse the source map at each start, which takes longer than most traces.
 */
function mapStackTraces(map) {
  let sources;
  const place = new RegExp(`${filename.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  const sourceOf = (found, line, column) => {
    sources ??= new Module.SourceMap(JSON.parse(map()));
    const { originalSource, originalLine, originalColumn } = sources.findEntry(line - 1, column - 1);
    if (originalSource === undefined) return found;
    return `${path.resolve(path.dirname(filename), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  };
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.map((frame) => `    at ${frame}`)].join('\n').replace(place, sourceOf);
}
