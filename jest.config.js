// Tests are about the examples, whose images a lock of somebody's own environments need not have.
process.env.IMAGES_LOCK = '';

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/cluster/', '<rootDir>/test/e2e/'],
  testEnvironment: '<rootDir>/scripts/jest-environment.cjs',
  runtime: '<rootDir>/scripts/jest-runtime.cjs',
  // As one who installed the package imports it.
  moduleNameMapper: {
    '^cdk8s-edge-observability$': '<rootDir>/lib/index.ts',
    // See scripts/jest-transform.js.
    '^(.+/main\\.mjs)\\?bundle$': '$1',
  },
  // Tests run in a context beside Jest's, in which a global is found much more slowly than a parameter.
  sandboxInjectedGlobals:
    'Array Buffer Error JSON Map Math Object Promise Reflect RegExp Set Symbol Uint8Array Uint16Array WeakMap'.split(
      ' ',
    ),
  // Jest leaves one core free, which of two is half.
  maxWorkers: '100%',
  // A hang ends a test, a slow machine does not.
  testTimeout: 300_000,
  transform: {
    '\\.(awk|conf|lua|mjs|sh|tmpl|ts|yaml)$': '<rootDir>/scripts/jest-transform.js',
    'node_modules/github-slugger/.*\\.js$': '<rootDir>/scripts/jest-transform.js',
  },
  // What is there as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!github-slugger/)'],
  collectCoverageFrom: ['lib/**/*.ts', 'lib/**/*.mjs', '!lib/**/main.mjs'],
  coverageThreshold: { global: { statements: 95 } },
};
