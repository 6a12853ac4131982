// What the filters save each minute, and find again. Prints what a test compares.
import { KeyedSeries } from '../../lib/programs/keyed-series.mjs';

const [, , file = '', nodes = '0'] = process.argv;
const pool = { nodes: 1_000_000, seriesPerNode: 1_000, mostSeriesPerNode: 1_000, sharedSeries: 0 };
const limits = { windowMs: 3_600_000, pools: { '': pool, north: pool } };

const saved = new KeyedSeries(limits, file);
for (let number = 0; number < Number(nodes); number++) {
  const node = saved.known.node(number % 2 ? 'north' : '', `edge-${number}`);
  for (let one = 0; one < 500; one++) node?.add((number * 500 + one) | 0);
}

let longest = 0;
let last = performance.now();
const watch = setInterval(() => {
  longest = Math.max(longest, performance.now() - last);
  last = performance.now();
});
const before = process.cpuUsage();
await saved.save();
const { user, system } = process.cpuUsage(before);
clearInterval(watch);

const found = new KeyedSeries(limits, file);
const { began } = saved.known;
const saving = saved.save();
saved.known.rotate(began + limits.windowMs);
await saving;
const afterChange = new KeyedSeries(limits, file);
console.log(
  JSON.stringify({
    series: found.known.series,
    isSameKey: `${found.key}` === `${saved.key}`,
    knows: found.known.node('', 'edge-0')?.knows(7),
    /** What is written while a window begins is of two windows, and not kept. */
    isOfOneWindow: afterChange.known.began === began,
    milliseconds: (user + system) / 1_000,
    longest,
  }),
);
