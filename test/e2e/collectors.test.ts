import { spawnSync } from 'node:child_process';
import { COLLECTORS } from '../../lib/edge/node-exporter/collectors';

/** Collectors that only releases after the installed one have. */
const NEWER: Readonly<Record<string, string>> = { dmmultipath: '1.12', nvmesubsystem: '1.12' };

test('collectors that can be chosen are those of the real node_exporter', () => {
  const { stdout, stderr, status } = spawnSync('prometheus-node-exporter', ['--help'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `/opt/edge-observability-e2e/usr/bin:${process.env.PATH}` },
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const real = [...stdout.matchAll(/Enable\s+the\s+([a-z0-9_]+)\s+collector\s+\(default/g)].map(
    ([, name]) => name,
  );
  expect(real.length).toBeGreaterThan(50);
  expect(COLLECTORS.filter((name) => !(name in NEWER)).sort()).toEqual([...new Set(real)].sort());
});
