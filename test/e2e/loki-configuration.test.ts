import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LokiStackProps, replicated } from '../../lib';
import { tryRun } from '../runtime/programs';
import { lokiOf, withLoki } from '../stacks/loki-objects';
import { EXAMPLE_NAMES, exampleManifests } from '../support/examples';
import { configFile, type Manifest } from '../support/manifests';
import { OBJECT_STORAGE } from './object-store';

const configuration = (objects: readonly Manifest[]): string =>
  configFile(objects, 'loki-config', 'loki.yaml');

withLoki('Loki takes its configuration', takesConfigurations);

function takesConfigurations(): void {
  const bucket = { bucket: 'our-logs' };
  const cases: [string, () => string][] = [
    ...EXAMPLE_NAMES.map((name): [string, () => string] => [
      `of the environment ${name}`,
      () => configuration(exampleManifests(name)),
    ]),
    ...Object.entries<LokiStackProps>({
      'of replicas': { deployment: replicated({ objectStorage: OBJECT_STORAGE }) },
      'of a bucket of Amazon’s': { deployment: replicated({ objectStorage: bucket, replicas: 5 }) },
      'with odd durations and sizes': {
        retention: '90000s',
        maxLineAge: '90m',
        limits: { lineSize: '0.3Ki', ingestionRate: '0.1Gi', streams: 1, querySeries: 1 },
      },
      'with retention by stream': { streamRetention: [{ selector: '{a="b"}', period: '1y' }] },
      'with tenants': { multiTenancy: { tenants: ['north'], limits: { north: { lineSize: '1Mi' } } } },
    }).map(([name, props]): [string, () => string] => [name, () => configuration(lokiOf(props))]),
  ];

  test.each(cases)('%s', async (_, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'loki-'));
    try {
      const file = join(folder, 'loki.yaml');
      writeFileSync(file, text());
      const { code, stderr, stdout } = await tryRun('E2E_LOKI', ['-verify-config', `-config.file=${file}`]);
      expect({ code, said: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, said: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
