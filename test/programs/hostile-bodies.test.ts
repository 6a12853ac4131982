import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'hostile-bodies.mjs');
const BODIES = 40;
const SEED = Number(process.env.E2E_SEED ?? Date.now() % 2 ** 31);

interface Reading {
  /** Result of a body: "refused", or a number with a meaning for each filter. */
  readonly ended: string | number;
  readonly fields: number;
}

describe(`bodies that cost most to be read for their size (E2E_SEED=${SEED})`, () => {
  const { requests, pushes } = JSON.parse(
    execFileSync(process.execPath, [PROGRAM, `${BODIES}`, `${SEED}`], { encoding: 'utf8' }),
  ) as { requests: Reading[]; pushes: Reading[] };
  const most = (all: readonly Reading[]) => Math.max(...all.map(({ fields }) => fields));

  test('cost the limiter of series a bounded number of fields', () => {
    // In each message, one call reports that there are no more fields.
    expect(most(requests)).toBeLessThan(5_000_000);
    expect(requests.slice(0, 4).map(({ ended }) => ended)).toEqual(['refused', 'refused', 'refused', 1]);
    const counted = requests.map(({ ended }) => ended).filter((ended) => ended !== 'refused');
    expect(Math.max(...counted.map(Number))).toBeLessThanOrEqual(102);
  });

  test('cost the push filter a bounded number of fields', () => {
    expect(most(pushes)).toBeLessThan(4_000_000);
    expect(pushes[0]?.ended).toBe('refused');
  });
});
