import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeExporterArgs } from '../../lib/agents/node-exporter';
import { DATA_FILE_SYSTEMS } from '../../lib/edge/node-exporter/storage.rules';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { startRecordedProgram } from '../runtime/heard-program';
import { program, tryRun } from '../runtime/programs';
import { eventually } from '../runtime/wait';

const cleanup = new Cleanup();
let folder: string;

/** A device whose `/image` is read-only by design and whose `/state` is writable, in its own mount namespace. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-device-`));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  for (const name of ['image', 'state']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'state/file'), '');
});

afterAll(() => cleanup.run());

/** Runs a program on the device. Its first process is the program, as node_exporter reads the mounts of process 1. */
function start(...command: readonly string[]) {
  const mounts = [
    // Its only option is ro: releases 1.10 and 1.11 of node_exporter lose it among others (node_exporter#3659).
    'mount -t tmpfs -o ro image "$0/image"',
    'mount --bind "$0/state" "$0/state" && exec "$@"',
  ].join(' && ');
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const { said, ended } = startRecordedProgram([...apart, 'sh', '-c', mounts, folder, ...command], cleanup);
  return { says: () => said.join(''), ended };
}

test('node_exporter tells what is mounted read-only, by the mount point that readOnlyMounts names', async () => {
  const port = await freePort();
  const args = nodeExporterArgs(`127.0.0.1:${port}`).filter((arg) => !arg.startsWith('--path.'));
  start(program('prometheus-node-exporter'), ...args);
  const readOnly: Record<string, string> = {};
  await eventually('both mounts are measured', async () => {
    const { stdout } = await tryRun('curl', ['--silent', `http://127.0.0.1:${port}/metrics`]);
    for (const [, labels = '', value = ''] of stdout.matchAll(/^node_filesystem_readonly\{(.*)\} (\S+)$/gm)) {
      const [, mountPoint = ''] = /mountpoint="([^"]*)"/.exec(labels) ?? [];
      readOnly[mountPoint] = value;
    }
    return [`${folder}/image`, `${folder}/state`].every((mountPoint) => mountPoint in readOnly);
  });
  expect(readOnly[`${folder}/image`]).toBe('1');
  expect(readOnly[`${folder}/state`]).toBe('0');
});

test('file systems of images that are read-only by their kind are in no alert', () => {
  for (const kind of ['squashfs', 'erofs', 'overlay', 'iso9660', 'tmpfs'])
    expect(DATA_FILE_SYSTEMS).toContain(kind);
});

test.each([
  ['that is read-only', () => `${folder}/image/queue`, /read-only file system/i],
  ['whose place a file has', () => `${folder}/state/file/queue`, /not a directory/i],
])('the metrics agent ends on a folder %s, and says why where doctor reads it', async (_, queue, reason) => {
  const port = await freePort();
  const config = join(folder, 'scrape.yaml');
  writeFileSync(config, 'scrape_configs: []\n');
  const agent = start(
    ...[program('vmagent'), `-promscrape.config=${config}`, `-httpListenAddr=127.0.0.1:${port}`],
    ...['-remoteWrite.url=http://127.0.0.1:1/', `-remoteWrite.tmpDataPath=${queue()}`],
  );
  await agent.ended;
  expect(agent.says()).toMatch(reason);
});
