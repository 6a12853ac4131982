const base = require('../jest.config.js');

/** Tests that take too long for every change: longer outages, and a full queue. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testMatch: [
    '<rootDir>/test/e2e/long/*.test.ts',
    '<rootDir>/test/e2e/{hostile-pushes,remote-write,series-limits}.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/'],
};
