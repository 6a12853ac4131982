import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedSeries } from '../../lib/programs/keyed-series.mjs';

const POOL = { nodes: 10_000, seriesPerNode: 1_000, mostSeriesPerNode: 1_000, sharedSeries: 0 };
const LIMITS = { windowMs: 3_600_000, pools: { '': POOL, north: POOL } };

describe('series that outlive the program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyed-series-'));
  const file = join(folder, 'new/state');

  afterAll(() => rmSync(folder, { recursive: true }));

  test('are saved while requests go on, and found again with the key of their hashes', async () => {
    const saved = new KeyedSeries(LIMITS, file);
    for (let number = 0; number < 400; number++) {
      const node = saved.known.findOrAddNode(number % 2 ? 'north' : '', `edge-${number}`);
      for (let one = 0; one < 500; one++) node?.tryAddSeries((number * 500 + one) | 0);
    }
    // Turns of the event loop, since a fast machine saves within the resolution of a timer.
    let turns = 0;
    let next = setImmediate(function count() {
      turns++;
      next = setImmediate(count);
    });
    await saved.saveSeries();
    clearImmediate(next);
    expect(turns).toBeGreaterThan(1);
    const found = new KeyedSeries(LIMITS, file);
    expect(found.key).toEqual([...saved.key]);
    expect(found.known.series).toBe(200_000);
    expect(found.known.findOrAddNode('', 'edge-0')?.refreshSeriesIfKnown(7)).toBe(true);
  });

  test('are those of one window: what is written while another one begins is not kept', async () => {
    const saved = new KeyedSeries(LIMITS, file);
    const { began } = saved.known;
    const saving = saved.saveSeries();
    saved.known.startNewTimeWindowIfDue(began + LIMITS.windowMs);
    await saving;
    expect(new KeyedSeries(LIMITS, file).known.began).toBe(began);
  });
});
