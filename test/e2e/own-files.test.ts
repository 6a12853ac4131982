import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnKilledWithParent } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';
import { eventually } from '../runtime/wait';

/**
 * Two containers with mounts of their own that see each other's processes; the second runs again when it has ended.
 * As in a real container, no process ever sees the pod's folder with some of its mounts missing: they are made beside
 * it and moved there at once.
 */
const POD = `
mkdir staging
start() {
  unshare --mount sh -c 'mount -t tmpfs none staging && mkdir staging/config staging/script &&
    mount --bind config staging/config && mount --bind script staging/script &&
    mount --move staging pod && exec "$@"' sh "$@"
}
start sleep 1000 &
agent=$!
(while :; do start "$@" pod/script/watch.sh; echo "the script ended with $?"; sleep 0.2; done) &
wait "$agent"
echo "the agent ended with $?"
`;

/**
 * Simulates the effect of an EdgeCore restart on a pod: containers keep their original folders, while new ones are
 * mounted.
 */
describe.each([
  ['busybox ash', ['busybox', 'ash']],
  ['dash', ['dash']],
])('a script whose files EdgeCore unmounts, run by %s', (_, shell) => {
  let folder: string;
  let said: string;
  let pod: ReturnType<typeof spawnKilledWithParent>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'own-files-'));
    for (const name of ['pod', 'script', 'config']) mkdirSync(join(folder, name));
    writeScript();
    write('config/agent.conf', 'one');
    said = '';
    const script = `cd ${folder}\n${POD}`;
    const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    pod = spawnKilledWithParent([...unshare, 'sh', '-c', script, 'sh', ...shell], {});
    for (const stream of [pod.stdout, pod.stderr]) stream?.on('data', (data) => (said += data));
    await looks(2);
  });

  afterEach(async () => {
    pod.kill('SIGKILL');
    await eventually('the pod has ended', () => pod.exitCode !== null || pod.signalCode !== null);
    rmSync(folder, { recursive: true });
  });

  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

  function writeScript(): void {
    const file = writeShippedScript(join(folder, 'script/watch.sh'), 'agents/own-files.sh');
    const loop = `report() { echo "$1"; }
while :; do exit_if_unmounted; end_outdated_processes "$PWD/pod/config"; echo look; sleep 0.1; done
`;
    writeFileSync(file, loop, { flag: 'a' });
  }

  /** Replaces the folder of a volume. */
  function remount(name: string): void {
    renameSync(join(folder, name), join(folder, `${name}-unmounted`));
    mkdirSync(join(folder, name));
  }

  /** Also deletes the files of the one before. */
  function unmountScript(): void {
    remount('script');
    writeScript();
    rmSync(join(folder, 'script-unmounted/watch.sh'));
  }

  const hears = (text: string) =>
    eventually(
      () => `the pod says ${text}, it said: ${said}`,
      () => said.includes(text),
    );

  async function looks(times: number): Promise<void> {
    const count = () => said.split('look\n').length;
    const before = count();
    await eventually(
      () => `the script looks, the pod said: ${said}`,
      () => count() >= before + times,
    );
  }

  test('it ends by itself, and once it is started again, ends an agent without files', async () => {
    remount('config');
    write('config/agent.conf', 'one');
    rmSync(join(folder, 'config-unmounted/agent.conf'));
    unmountScript();
    await hears('exiting, to be restarted: EdgeCore was restarted');
    await hears('the script ended with 1');
    await hears('ending sleep, to be restarted: it does not see the current files in ');
    await hears('the agent ended with 143');
  });

  test('an agent whose files are as they are now goes on, until one of them changes', async () => {
    remount('config');
    write('config/agent.conf', 'one');
    unmountScript();
    await hears('the script ended with 1');
    await looks(5);
    expect(said).not.toContain('ending sleep');
    write('config/agent.conf', 'two');
    await hears('the agent ended with 143');
  });
});
