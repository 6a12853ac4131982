/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/test/e2e/'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
    '\\.sh$': '<rootDir>/scripts/jest-text.js',
  },
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageThreshold: { global: { statements: 95 } },
};
