const { moduleNameMapper, transform } = require('../../jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  rootDir: `${__dirname}/../..`,
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  // Run by test:e2e:long.
  testPathIgnorePatterns: ['<rootDir>/test/e2e/long/'],
  moduleNameMapper,
  transform,
  // Also lists the tests that did not run.
  verbose: true,
  // Most of the time is spent in waiting for the next push; what a suite makes is named by its own process. On two cores, three
  // suites at once use less than half of the processor time that there is.
  maxWorkers: 5,
  testSequencer: '<rootDir>/test/e2e/longest-first.js',
  globalSetup: '<rootDir>/test/e2e/preflight.ts',
  // A hang ends a test, a slow machine does not: what waits is bounded by its own polls.
  testTimeout: 600_000,
};
