const { moduleNameMapper, transform } = require('../../jest.config.js');

/** Changes and deletes in the cluster that E2E_KUBECONFIG names. */
/** @type {import('jest').Config} */
module.exports = {
  rootDir: `${__dirname}/../..`,
  roots: ['<rootDir>/test/cluster'],
  testMatch: ['<rootDir>/test/cluster/*.test.ts'],
  moduleNameMapper,
  transform,
  // Reads like a report.
  verbose: true,
  maxWorkers: 1,
  globalSetup: '<rootDir>/test/cluster/by-run.js',
  testTimeout: 300_000,
};
