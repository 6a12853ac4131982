const { readFileSync, realpathSync } = require('node:fs');
const path = require('node:path');
const { default: Runtime } = require('jest-runtime');

const root = path.resolve(__dirname, '..');

/**
 * Modules without state that tests change. Each process loads them once: for each test file anew, they take most of its time.
 * node_modules may be a link, as in .ci/own-environments.
 */
const SHARED = ['lib', 'imports', 'node_modules', 'test/support'].map((folder) =>
  path.join(realpathSync(path.join(root, folder)), path.sep),
);

/** What a test file calls to load modules anew, or others in their place: it shares none. */
const LOADS_ANEW = /\bjest\.(mock|doMock|resetModules|isolateModules)\b/;

const hasRun = ({ s }) => Object.values(s).some((times) => times > 0);

function setToZero(counts) {
  for (const key of Object.keys(counts)) counts[key] = 0;
}

const shared = new Map();
let current;

class SharedRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    current = this;
    const testFile = args[6];
    this.shares = !LOADS_ANEW.test(readFileSync(testFile, 'utf8'));
    if (!this.shares) return;
    const registry = this.registries.getActiveCjsRegistry();
    for (const [file, module] of shared) registry.set(file, module);
  }

  /** What a shared module requires later is a matter of the test file that runs then. */
  requireModuleOrMock(from, name) {
    return this === current ? super.requireModuleOrMock(from, name) : current.requireModuleOrMock(from, name);
  }

  /** What this test file ran alone: to add up what all files before it ran would take longer than to run it. */
  getAllCoverageInfoCopy() {
    const counted = Object.values(this._environment.global.__coverage__ ?? {});
    const copies = counted.filter(hasRun).map((file) => [file.path, JSON.parse(JSON.stringify(file))]);
    for (const { s, b, f } of counted) [s, f, ...Object.values(b)].forEach(setToZero);
    return Object.fromEntries(copies);
  }

  teardown() {
    if (this.shares) {
      for (const [file, module] of this.registries.getActiveCjsRegistry()) {
        if (SHARED.some((folder) => file.startsWith(folder))) shared.set(file, module);
      }
    }
    super.teardown();
  }
}

module.exports = { __esModule: true, default: SharedRuntime };
