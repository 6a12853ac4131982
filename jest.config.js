/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  transform: {
    '\\.(awk|conf|lua|mjs|sh|tmpl|ts|yaml)$': '<rootDir>/scripts/jest-transform.js',
    'node_modules/github-slugger/.*\\.js$': '<rootDir>/scripts/jest-transform.js',
  },
  // What is there as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!github-slugger/)'],
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageThreshold: { global: { statements: 95 } },
};
