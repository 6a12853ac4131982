// Runs a TypeScript program of this project: `node scripts/run.cjs main.ts [arguments]`.
//
// esbuild bundles the program's own files. This needs no network and does no type check, and it takes a fraction of the
// time that transpiling file by file takes. The bundle is cached until a source changes.
const Module = require('node:module');
const path = require('node:path');
const vm = require('node:vm');
const { cacheBundle, readCachedBundle, collectSources } = require('./bundle-cache.cjs');
const { ResultsCache } = require('./results-cache.cjs');

const begun = Date.now();

const [program, ...args] = process.argv.slice(2);
const filename = path.resolve(program);
const main = new Module(filename);
main.filename = filename;
main.paths = [filename, __filename].flatMap((file) => Module._nodeModulePaths(path.dirname(file)));

const isSynthesis = args.length === 0;
// Class names are only kept for `where`, which prints them: without `keepNames`, esbuild renames one of two classes
// with the same name. Keeping names takes 7 % of the time of a synthesis.
const keepNames = args[0] === 'where';

/**
 * Name of the bundle in the cache. A synthesis, a command, and a command that keeps class names have different bundles.
 */
const name = JSON.stringify([filename, isSynthesis, keepNames]);
const kept = readCachedBundle(name);
if (kept) runBundle(kept);
else bundleAndRun();

function bundleAndRun() {
  const { build } = require('esbuild');
  const bundling = build({
    ...require('./bundle-options.cjs'),
    keepNames,
    // Leaves the commands out of the bundle of a synthesis. They are a third of the program.
    external: isSynthesis ? [path.resolve('lib/tools/commands/program.ts')] : [],
    entryPoints: [filename],
    // esbuild does not write to this path. It makes paths in stack traces relative to the program.
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
      runBundle({ code, map: () => map, ...collectSources(filename, metafile, begun) });
    },
    () => {
      // Nothing else to do: esbuild has already printed the error.
      process.exitCode = 1;
    },
  );
}

/**
 * Loads the largest packages while esbuild works in its own process. The program then finds these packages in Node's
 * module cache.
 */
function loadPackages() {
  const packages = ['constructs', 'cdk8s', 'cdk8s-plus-25/lib/imports/k8s'];
  if (isSynthesis && !ResultsCache.isCached(name)) {
    // A synthesis without cached results also validates rules and renders dashboards, which need these packages.
    packages.push(
      '@prometheus-io/lezer-promql',
      '@grafana/lezer-logql',
      '@grafana/grafana-foundation-sdk/dashboard',
    );
  }
  for (const name of packages) main.require(name);
}

function runBundle(bundle) {
  process.argv = [process.argv[0], filename, ...args];
  mapStackTraces(bundle.map);
  const script = new vm.Script(Module.wrap(bundle.code), {
    filename,
    // Code from V8's cache cannot import modules dynamically in Node 20, so `graph` compiles its code again.
    cachedData: args[0] === 'graph' ? undefined : bundle.compiled,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (bundle.files) cacheAtExit(bundle, script);
  const requireFromMain = (name) => main.require(name);
  Object.assign(requireFromMain, { ...require, resolve: (name) => Module._resolveFilename(name, main) });
  script
    .runInThisContext()
    .call(main.exports, main.exports, requireFromMain, main, filename, path.dirname(filename));
}

/**
 * Caches a new bundle and new results at the end of the process. Ignores errors, because the next runBundle creates them
 * again.
 */
function cacheAtExit(bundle, script) {
  const results = new ResultsCache(name, filename, bundle.files, begun);
  globalThis.keptResults = results;
  process.on('exit', () => {
    try {
      if (!bundle.compiled) cacheBundle(name, { ...bundle, compiled: script.createCachedData() });
      results.save();
    } catch {
      // For example, the cache folder is not writable.
    }
  });
}

/**
 * Lets stack traces show positions in the sources. Node's own option is not used, because Node would parse the source
 * map at each start, which takes longer than most stack traces.
 */
function mapStackTraces(map) {
  let sources;
  const place = new RegExp(`${filename.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:(\\d+):(\\d+)`, 'g');
  const mapPosition = (found, line, column) => {
    sources ??= new Module.SourceMap(JSON.parse(map()));
    const { originalSource, originalLine, originalColumn } = sources.findEntry(line - 1, column - 1);
    if (originalSource === undefined) return found;
    return `${path.resolve(path.dirname(filename), originalSource)}:${originalLine + 1}:${originalColumn + 1}`;
  };
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.map((frame) => `    at ${frame}`)].join('\n').replace(place, mapPosition);
}
