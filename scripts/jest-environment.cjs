const { TestEnvironment } = require('jest-environment-node');

/** An environment of several test files, in turn: after each, globals and environment variables are as they were before the first. */
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
    for (const [object, properties] of this.before) restore(object, properties);
  }
}

/** Counters of code coverage for modules that are loaded once, from the first test file to the last. */
const COVERAGE = '__coverage__';

function restore(object, properties) {
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

/** The test files of a process have one environment, so that they can have one copy of the library: see jest-runtime.cjs. */
module.exports = function sharedEnvironment(config, context) {
  environment ??= new LastingEnvironment(config, context);
  return environment;
};
