import { join } from 'node:path';
import { blocksOf, parseAlloy } from '../support/alloy';
import { DOCKER_FILE, linesOf } from '../support/log-samples';
import { fileOf, load, type Manifest } from '../support/manifests';
import { tryRun } from './runtime/programs';
import { DIST } from './stack';

const edge: Manifest[] = load(join(DIST, 'edge'));

test('Docker’s lines become the CRI’s, by the template engine that Alloy has', async () => {
  const config = parseAlloy(fileOf(edge, 'edge-log-collector-config', 'config.alloy'));
  const [stage] = blocksOf(config, 'stage.template');
  const input = linesOf(DOCKER_FILE).join('\n');
  const args = ['run', join(__dirname, 'fixtures/template.go'), `${stage?.attributes.template}`];
  const { stdout, stderr } = await tryRun('go', args, { input });
  expect(stderr).toBe('');
  const time = '2026-05-04T10:00:00.123456789Z';
  expect(stdout.replace(/\n$/, '').split('\n')).toEqual([
    `${time} stdout F level=info msg="started"`,
    `${time} stdout P a long line that Docker `,
    `${time} stdout F cut in two`,
    `${time} stderr F über "quoted" \\ back`,
    `${time} stdout F `,
  ]);
});

test('Fluent Bit’s script names a line by its file, and takes off Docker’s newline', async () => {
  const file = '/var/log/pods/kube-system_etcd-edge-1_5d6c8a/etcd/12.log';
  expect(await named({ file, log: 'started\n', stream: 'stdout' })).toEqual({
    ...{ namespace: 'kube-system', pod: 'etcd-edge-1', container: 'etcd', job: 'kube-system/etcd' },
    ...{ log: 'started', stream: 'stdout' },
  });
});

test('Fluent Bit’s script leaves a line alone whose file it does not know', async () => {
  expect(await named({ file: '/var/log/other.log', log: 'line' })).toEqual({ log: 'line' });
});

/** A record after the script, run by Lua itself. */
async function named(record: Record<string, string>): Promise<Record<string, string>> {
  const fields = Object.entries(record).map(([key, value]) => `[${JSON.stringify(key)}] = ${luaText(value)}`);
  const program = `${fileOf(edge, FLUENT_BIT_CONFIG, 'name.lua')}
    local code, _, record = name("tag", 0, { ${fields.join(', ')} })
    assert(code == 2)
    for key, value in pairs(record) do io.write(key, "=", value, "\\0") end`;
  const { stdout, stderr } = await tryRun('lua5.1', ['-'], { input: program });
  expect(stderr).toBe('');
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter(Boolean)
      .map((pair) => pair.split(/=(.*)/s, 2)),
  );
}

const FLUENT_BIT_CONFIG = 'edge-log-collector-fluent-bit-config';

const luaText = (text: string): string => `"${text.replaceAll('\n', '\\n')}"`;
