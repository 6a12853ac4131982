import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'keyed-series.mjs');

test('series are saved while requests go on, and found again with the key of their hashes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyed-series-'));
  const printed = execFileSync(process.execPath, [PROGRAM, join(folder, 'new/state'), '1000'], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect(JSON.parse(printed)).toMatchObject({
    series: 500_000,
    isSameKey: true,
    knows: true,
    isOfOneWindow: true,
  });
});
