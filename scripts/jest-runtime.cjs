const { AsyncLocalStorage } = require('node:async_hooks');
const { readFileSync, realpathSync } = require('node:fs');
const path = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { default: Runtime } = require('jest-runtime');

// V8 optimizes a function only after it has executed this many bytes of its bytecode: fifteen times as many as by default.
// Most functions run too briefly in a process of tests for the optimization to pay off. Without this line, the unit tests
// take about a tenth more processor time, most of it in V8's compiler threads.
setFlagsFromString('--interrupt-budget=1000000');

const root = path.resolve(__dirname, '..');

/**
 * Folders with modules whose state tests do not change. Each process loads these modules once, because loading takes
 * most of the time of a test file. `node_modules` may be a symbolic link, as in .ci/own-environments.
 */
const SHARED = ['lib', 'imports', 'node_modules', 'test/support'].map((folder) =>
  path.join(realpathSync(path.join(root, folder)), path.sep),
);

/**
 * Jest functions with which a test file reloads or mocks modules. A test file that calls one of them does not share
 * modules with other test files.
 */
const LOADS_ANEW = /\bjest\.(mock|doMock|resetModules|isolateModules)\b/;

const hasExecutedStatements = ({ s }) => Object.values(s).some((times) => times > 0);

function resetCounts(counts) {
  for (const key of Object.keys(counts)) counts[key] = 0;
}

/**
 * Modules of Jest that contain state of a test file: snapshots, their serializers, and the tests themselves. Each
 * process loads all other modules of Jest once.
 */
const OF_ONE_FILE = /[\\/]node_modules[\\/](jest-circus|jest-snapshot|@jest[\\/]expect)[\\/]/;

const shared = new Map();
const sharedOfJest = new Map();
let current;

/** The last compiled code by file name. Jest loads its own modules, such as `expect`, again for each test file. */
const compiled = new Map();

/**
 * Lets a runtime reuse compiled code if a file is loaded again with the same code. This works because the test files of
 * a process share one context.
 */
function compileOnce(executor) {
  const compile = executor.compile.bind(executor);
  executor.compile = (code, file) => {
    const before = compiled.get(file);
    if (before?.code === code) return before.run;
    const run = compile(code, file);
    if (run) compiled.set(file, { code, run });
    return run;
  };
}

/**
 * The `AsyncLocalStorage` objects that a test file used. They are disabled after the test file, because Node passes
 * each enabled storage on to every new promise, and Jest creates new storages for each test file.
 */
const storages = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function runTracked(...args) {
  storages.add(this);
  return run.apply(this, args);
};

function disableStorages() {
  for (const storage of storages) storage.disable();
  storages.clear();
}

class SharedRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    current = this;
    compileOnce(this.executor);
    const ofJest = this.registries.getInternalCjsRegistry();
    for (const [file, module] of sharedOfJest) ofJest.set(file, module);
    const testFile = args[6];
    this.shares = !LOADS_ANEW.test(readFileSync(testFile, 'utf8'));
    if (!this.shares) return;
    const registry = this.registries.getActiveCjsRegistry();
    for (const [file, module] of shared) registry.set(file, module);
  }

  /**
   * A shared module may require another module later. That module is loaded by the runtime of the test file that runs
   * at that time.
   */
  requireModuleOrMock(from, name) {
    return this === current ? super.requireModuleOrMock(from, name) : current.requireModuleOrMock(from, name);
  }

  requireInternalModule(...args) {
    return this === current ? super.requireInternalModule(...args) : current.requireInternalModule(...args);
  }

  /**
   * Returns the coverage of this test file only, and resets the counters. Otherwise Jest would add up the coverage of
   * all previous test files, which takes longer than running them.
   */
  getAllCoverageInfoCopy() {
    const counted = Object.values(this._environment.global.__coverage__ ?? {});
    const copies = counted
      .filter(hasExecutedStatements)
      .map((file) => [file.path, JSON.parse(JSON.stringify(file))]);
    for (const { s, b, f } of counted) [s, f, ...Object.values(b)].forEach(resetCounts);
    return Object.fromEntries(copies);
  }

  teardown() {
    for (const [file, module] of this.registries.getInternalCjsRegistry()) {
      if (!OF_ONE_FILE.test(file)) sharedOfJest.set(file, module);
    }
    if (this.shares) {
      for (const [file, module] of this.registries.getActiveCjsRegistry()) {
        if (SHARED.some((folder) => file.startsWith(folder))) shared.set(file, module);
      }
    }
    super.teardown();
    disableStorages();
  }
}

module.exports = { __esModule: true, default: SharedRuntime };
