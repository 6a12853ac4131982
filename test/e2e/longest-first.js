const { default: Sequencer } = require('@jest/test-sequencer');

/** Suites that take more than a minute. Started last, one of them alone would keep the run going. */
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
