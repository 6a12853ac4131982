const { TestEnvironment } = require('jest-environment-node');

/**
 * A test environment that several test files share, one after the other. After each file, it restores the globals and
 * environment variables that existed before the first file.
 */
class LastingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { process } = this.global;
    this.before = [this.global, process, process.env].map((object) => [
      object,
      Object.getOwnPropertyDescriptors(object),
    ]);
  }

  async teardown() {
    this.fakeTimersModern.useRealTimers();
    for (const [object, properties] of this.before) restoreProperties(object, properties);
  }
}

/**
 * Global variable with the coverage counters. It is not restored, because modules that are loaded once count from the
 * first test file to the last.
 */
const COVERAGE = '__coverage__';

function restoreProperties(object, properties) {
  const current = Object.getOwnPropertyDescriptors(object);
  for (const name of Reflect.ownKeys(current)) {
    if (name !== COVERAGE && !properties[name] && current[name].configurable) delete object[name];
  }
  for (const name of Reflect.ownKeys(properties)) {
    if (current[name]?.value !== properties[name].value) {
      Object.defineProperty(object, name, properties[name]);
    }
  }
}

let environment;

/**
 * Returns the same environment for all test files of a process, so that they can share one copy of the library (see
 * jest-runtime.cjs).
 */
module.exports = function sharedEnvironment(config, context) {
  environment ??= new LastingEnvironment(config, context);
  return environment;
};
