import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dockerDriverScript } from '../../lib/host/docker-driver';
import { endProgram, PROGRAMS_DIR, program, spawnKilledWithParent, tryRun } from '../runtime/programs';
import { eventually } from '../runtime/wait';

/** Docker cannot have the plugin here, so that a file with its driver is one that Docker does not start with. */
const DOCKER = `#!/bin/sh
[ "$1" = plugin ] || exec "$REAL_DOCKER" "$@"
`;

/** Stops what runs, and leaves the start to the test, which waits for it: exit code 1 when it does not come up. */
const SYSTEMCTL = `#!/bin/sh
[ "$1" = restart ] || exit 0
rm -f "$ROOT/up" "$ROOT/down"
sleep 0.1
touch "$ROOT/wanted"
for _ in $(seq 300); do
  [ ! -e "$ROOT/up" ] || exit 0
  [ ! -e "$ROOT/down" ] || exit 1
  sleep 0.1
done
exit 1
`;

/** The printed script beside the dockerd that Debian ships, in folders of its own. */
describe('the script of the Docker driver, on a real Docker', () => {
  let root: string;
  let dockerd: ChildProcess | undefined;
  let said = '';
  let starter: NodeJS.Timeout;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dockerd-'));
    for (const folder of ['bin', 'etc/docker', 'run', 'proc', dirname(root)])
      mkdirSync(join(root, folder), { recursive: true });
    // Docker names paths of the machine, and the script looks for them below its root.
    symlinkSync(root, join(root, root));
    writeFileSync(
      join(root, 'script'),
      dockerDriverScript({ host: 'logs.example.com', cluster: 'reference' }),
    );
    writeFileSync(join(root, 'credentials'), 'edge:secret\n');
    tool('docker', DOCKER);
    tool('systemctl', SYSTEMCTL);
  });

  afterEach(async () => {
    clearInterval(starter);
    await stop();
    // Docker makes a mount of its data, and leaves it.
    await tryRun('umount', [at('data')]);
    rmSync(root, { recursive: true });
  });

  const at = (name: string) => join(root, name);
  const tool = (name: string, source: string) => {
    writeFileSync(at(`bin/${name}`), source);
    chmodSync(at(`bin/${name}`), 0o755);
  };
  const environment = () => ({
    PATH: `${at('bin')}:${join(PROGRAMS_DIR, 'usr/bin')}:${join(PROGRAMS_DIR, 'usr/sbin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
    ROOT: root,
    REAL_DOCKER: program('docker'),
    DOCKER_HOST: `unix://${at('docker.sock')}`,
  });
  const apply = () =>
    tryRun('sh', [at('script'), '--restart', '--credentials', at('credentials')], { env: environment() });
  const ask = async (format: string) =>
    (await tryRun('docker', ['info', '--format', format], { env: environment() })).stdout.trim();

  async function start(...flags: string[]): Promise<boolean> {
    said = '';
    const folders = [
      `--data-root=${at('data')}`,
      `--exec-root=${at('exec')}`,
      `--pidfile=${at('run/docker.pid')}`,
    ];
    const network = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs'];
    const words = ['dockerd', `--host=unix://${at('docker.sock')}`, ...folders, ...network, ...flags];
    dockerd = spawnKilledWithParent(words, { env: environment() });
    dockerd.stderr?.on('data', (data) => (said += data));
    await eventually(
      () => `Docker starts or ends: ${said}`,
      () => said.includes('API listen on') || dockerd?.exitCode !== null,
    );
    if (dockerd.exitCode !== null) return false;
    symlinkSync(`/proc/${dockerd.pid}`, at(`proc/${dockerd.pid}`));
    return true;
  }

  async function stop(): Promise<void> {
    if (!dockerd || dockerd.exitCode !== null) return;
    await endProgram(dockerd);
    rmSync(at(`proc/${dockerd.pid}`));
  }

  /** Behavior of systemd on request. */
  function restartWhenWanted(...flags: string[]): void {
    starter = setInterval(async () => {
      if (!existsSync(at('wanted'))) return;
      rmSync(at('wanted'));
      await stop();
      writeFileSync(at((await start(...flags)) ? 'up' : 'down'), '');
    }, 50);
  }

  test('is refused by one that is started with a log driver, which goes on', async () => {
    await start('--log-driver=local');
    const { code, stderr } = await apply();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('Docker is started with --log-driver, and does'),
    ]);
    expect([existsSync(at('etc/docker/daemon.json')), await ask('{{.LoggingDriver}}')]).toEqual([
      false,
      'local',
    ]);
  });

  test('puts back what it wrote when Docker does not start with it, and Docker runs again', async () => {
    const file = at('etc/docker/daemon.json');
    writeFileSync(file, '\uFEFF{"log-driver": "local"}');
    await start('--config-file', file);
    restartWhenWanted('--config-file', file);
    const { code, stderr } = await apply();
    expect(stderr).toContain(`${file} is restored, and Docker runs again`);
    expect([code, readFileSync(file, 'utf8')]).toEqual([1, '\uFEFF{"log-driver": "local"}']);
    expect(await ask('{{.LoggingDriver}}')).toBe('local');
  });
});
