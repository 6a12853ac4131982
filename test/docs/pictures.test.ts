import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dashboard } from '../../preview/grafana/model';
import { computeDigests, picturePath, readDigests } from '../../preview/pictures';
import { readProvisioned } from '../../preview/provisioned';
import { readRules } from '../../preview/seed/rules';
import { writeExample } from '../support/examples';

const manifests = mkdtempSync(join(tmpdir(), 'pictures-'));
writeExample('fleet', manifests);
const { dashboards } = readProvisioned(manifests);
const rules = readRules(manifests);
rmSync(manifests, { recursive: true });
const pods = dashboards.find(({ uid }) => uid === 'edge-pods') as Dashboard;

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_, dashboard) => {
  test('has a picture of at most 200 kB, which docs/dashboards.md shows', () => {
    const path = picturePath(dashboard);
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).size).toBeLessThan(200_000);
    expect(readFileSync('docs/dashboards.md', 'utf8')).toContain(`](${path.replace('docs/', '')})`);
  });

  test('is as its picture shows it: npm run docs:images', () => {
    expect(readDigests()[dashboard.uid]).toBe(computeDigests([dashboard], rules)[dashboard.uid]);
  });
});

test.each([
  ['that it reads', 'edge_node:last_seen:timestamp', true],
  ['that a rule reads which it reads', 'edge_write:last:timestamp', true],
  ['about another subject', 'edge_group:nodes:count', false],
])('the picture of the pods is drawn anew when a rule changes %s: %s, %p', (_, record, isOther) => {
  expect(rules.map((rule) => rule.record)).toContain(record);
  const changed = rules.map((rule) =>
    rule.record === record ? { ...rule, expr: `${rule.expr} + 1` } : rule,
  );
  expect(computeDigests([pods], changed)['edge-pods'] !== computeDigests([pods], rules)['edge-pods']).toBe(
    isOther,
  );
});

test('README shows the fleet', () => {
  expect(readFileSync('README.md', 'utf8')).toContain('](docs/images/edge-fleet.webp)');
});
