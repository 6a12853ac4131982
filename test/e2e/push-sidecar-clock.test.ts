import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, tryRun } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';

/**
 * Runs the script with a simulated clock: `sleep` and `curl` advance it instead of waiting. A run of hours takes a
 * second, and the speed of this machine has no effect.
 */
describe.each([
  ['busybox ash', ['busybox', 'ash']],
  ['dash', ['dash']],
])('the times of the push sidecar, run by %s', (_, [shell = '', ...applet]) => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'push-sidecar-clock-'));
    for (const name of ['bin', 'credentials', 'scratch']) mkdirSync(join(folder, name));
    for (const name of ['username', 'password']) writeFileSync(join(folder, 'credentials', name), 'x');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function fake(name: string, script: string): void {
    const path = join(folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /**
   * Runs the script until it has pushed so often.
   *
   * @param push what curl does in place of a push; `$count` is which one it is
   * @returns the times at which it pushed
   */
  async function pushes(count: number, push: string, interval = 10): Promise<number[]> {
    fake('advance', `read -r now _ </proc/uptime; echo "$((\${now%.*} + $1)).50 0.00" >/proc/uptime`);
    fake('sleep', 'exec advance "$1"');
    fake(
      'curl',
      `case "$*" in *--upload-file*) ;; *) echo 'up 1' >${folder}/scratch/metrics; exit 0 ;; esac
read -r now _ </proc/uptime
echo "\${now%.*}" >>${folder}/pushes
count=$(grep -c . ${folder}/pushes)
[ "$count" -lt ${count} ] || kill -TERM "$(cat ${folder}/pid)"
${push}
printf 200`,
    );
    const path = writeShippedScript(join(folder, 'push.sh'), 'edge/exporter/push-sidecar.sh');
    const script = `echo $$ >${folder}/pid; . ${path}`;
    const sandbox = ['--dev-bind', '/', '/', '--bind', join(folder, 'uptime'), '/proc/uptime'];
    const env = {
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
      PUSH_URL: 'https://push.example.com',
      SOURCE_URL: 'http://127.0.0.1:9100/metrics',
      ...{ JOB: 'job', INSTANCE: 'instance', NODE_NAME: 'node' },
      INTERVAL_SECONDS: String(interval),
      CREDENTIALS_DIR: join(folder, 'credentials'),
      SCRATCH_DIR: join(folder, 'scratch'),
    };
    rmSync(join(folder, 'pushes'), { force: true });
    writeFileSync(join(folder, 'uptime'), '100.50 0.00\n');
    const command = [program(shell), ...applet, '-c', script, path];
    const { code, stderr } = await tryRun('bwrap', [...sandbox, ...command], { env });
    expect([code, stderr]).toEqual([0, '']);
    return readFileSync(join(folder, 'pushes'), 'utf8').trim().split('\n').map(Number);
  }

  const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

  test('it pushes at a steady period, however long a push takes', async () => {
    expect(gaps(await pushes(6, 'advance 3'))).toEqual([10, 10, 10, 10, 10]);
  });

  test('it leaves out what it missed, and keeps its phase', async () => {
    expect(gaps(await pushes(5, '[ "$count" = 2 ] && advance 25'))).toEqual([10, 30, 10, 10]);
  });

  test('it begins within one interval, each node at another time', async () => {
    const [one = 0] = await pushes(1, '', 3600);
    const [other = 0] = await pushes(1, '', 3600);
    const [third = 0] = await pushes(1, '', 3600);
    for (const first of [one, other, third]) {
      expect(first).toBeGreaterThanOrEqual(100);
      expect(first).toBeLessThan(100 + 3600);
    }
    expect(new Set([one, other, third]).size).toBeGreaterThan(1);
  });

  test('after failures it waits ever longer, up to a minute, each node another time', async () => {
    const waits = gaps(await pushes(12, 'exit 7'));
    const ceilings = waits.map((_, index) => Math.min(60, 10 * 2 ** (index + 1)));
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(ceilings[index] ?? 0);
      expect(wait).toBeGreaterThanOrEqual((ceilings[index] ?? 0) / 2);
    }
    expect(new Set(waits.slice(2)).size).toBeGreaterThan(1);
  });

  test('a node that pushes less than once a minute waits no longer than that', async () => {
    for (const wait of gaps(await pushes(4, 'exit 7', 300))) {
      expect(wait).toBeGreaterThanOrEqual(150);
      expect(wait).toBeLessThanOrEqual(300);
    }
  });

  test('once a push arrives, the period is as before', async () => {
    const waits = gaps(await pushes(6, '[ "$count" -gt 3 ] || exit 7'));
    expect(waits.slice(3)).toEqual([10, 10]);
  });
});
