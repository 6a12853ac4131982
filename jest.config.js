/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  transform: { '\\.(awk|conf|lua|mjs|sh|tmpl|ts|yaml)$': '<rootDir>/scripts/jest-transform.js' },
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageThreshold: { global: { statements: 95 } },
};
