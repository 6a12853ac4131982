// Tests use the examples, whose images may be missing in the lock of your own environments.
process.env.IMAGES_LOCK = '';

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/cluster/', '<rootDir>/test/e2e/'],
  testEnvironment: '<rootDir>/scripts/jest-environment.cjs',
  runtime: '<rootDir>/scripts/jest-runtime.cjs',
  // Import as in an app that installed the package.
  moduleNameMapper: {
    '^cdk8s-edge-observability$': '<rootDir>/lib/index.ts',
    // See scripts/jest-transform.js.
    '^(.+/main\\.mjs)\\?bundle$': '$1',
  },
  // Tests run in a context of Jest, in which a global is accessed much more slowly than a parameter.
  sandboxInjectedGlobals:
    'Array Buffer Error JSON Map Math Object Promise Reflect RegExp Set Symbol Uint8Array Uint16Array WeakMap'.split(
      ' ',
    ),
  // Jest leaves one core free, which is half of two.
  maxWorkers: '100%',
  // A hanging test fails; a slow machine does not fail it.
  testTimeout: 300_000,
  transform: {
    '\\.(awk|conf|lua|mjs|sh|tmpl|ts|yaml)$': '<rootDir>/scripts/jest-transform.js',
    'node_modules/github-slugger/.*\\.js$': '<rootDir>/scripts/jest-transform.js',
  },
  // Packages that only exist as ES modules.
  transformIgnorePatterns: ['/node_modules/(?!github-slugger/)'],
  collectCoverageFrom: ['lib/**/*.ts', 'lib/**/*.mjs', '!lib/**/main.mjs'],
  coverageThreshold: { global: { statements: 95 } },
};
