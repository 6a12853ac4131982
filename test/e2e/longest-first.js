const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites that take more than a minute. If one of them started last, the whole run would wait for it. */
const LONGEST = [
  ...['alerts-remote-write', 'alerts', 'outages', 'remote-write'],
  ...['series-limits', 'config-reloader', 'try', 'metrics-agent', 'push-isolation'],
];

/** Starts the longest suites first, also on a machine where Jest has no durations of an earlier run. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
