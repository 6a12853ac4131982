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
  // Names what was not run, too.
  verbose: true,
  // Most of the time is spent in waiting for the next push; what a suite makes is named by its own process.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/e2e/longest-first.js',
  globalSetup: '<rootDir>/test/e2e/preflight.ts',
  // A push comes every ten seconds; what waits for several of them is bounded by its own polls.
  testTimeout: 120_000,
};
