import { renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../runtime/cluster';
import { eventually } from '../runtime/wait';
import { EDGE } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { CONTAINERS } from './container-logs';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

/** Lines of each container which, with those of others, are more than eight chunks of two megabytes. */
const MORE_THAN_IT_KEEPS = 8_000;

/** A file system that uses inodes again does so within as many. */
const MOST_INODES = 5_000;

ofEachAgent('reads files that were rotated or deleted', (agent: AgentUnderTest) => {
  let logs: LogStack;

  beforeAll(async () => {
    logs = await LogStack.create(agent, ({ cluster }) => cluster.apply(hurried(cluster)));
    logs.files.write('first', 1);
    await logs.arrive('first', 1);
  });

  afterAll(() => logs?.destroy());

  test('to their ends, when it ran', async () => {
    logs.files.write('rotated', 50);
    logs.files.rotate('20260504-100000');
    logs.files.write('rotated', 50);
    await logs.account('rotated while it runs', 'rotated', 100);
  });

  test('once while it was down', async () => {
    await logs.pod.stop();
    logs.files.write('rotated-once', 50);
    logs.files.rotate('20260504-110000');
    logs.files.write('rotated-once', 50);
    await logs.pod.start();
    await logs.account('rotated once while it is down', 'rotated-once', 100);
  });

  test('twice while it was down, as far as they are not compressed', async () => {
    await logs.pod.stop();
    logs.files.write('compressed', 50);
    logs.files.rotate('20260504-120000');
    logs.files.write('rotated-twice', 50);
    logs.files.rotate('20260504-130000');
    logs.files.write('rotated-twice', 50);
    await logs.pod.start();
    await logs.account('rotated twice while it is down: what is not compressed', 'rotated-twice', 100);
    const [compressed = 0] = await logs.counts('{namespace="many"} |= "compressed "');
    logs.report('rotated twice while it is down: what is compressed', 50 * CONTAINERS, compressed);
  });

  test('when a file is made in the place of a deleted one, on the same inode', async () => {
    await logs.pod.stop();
    const folders = Array.from({ length: CONTAINERS }, (_, container) => logs.files.folder(container));
    // Another program may take an inode that became free.
    expect(folders.filter(replace).length).toBeGreaterThan(CONTAINERS / 2);
    // Longer than the part of the file that was read before.
    logs.files.write('same-inode', 1_000);
    await logs.pod.start();
    await logs.account('deleted and made again on the same inode', 'same-inode', 1_000);
  });

  if (agent.name === 'Fluent Bit') closesDeletedFiles();

  /** Others keep one file of a container open: the one that they read. */
  function closesDeletedFiles(): void {
    test('and gives the disk of deleted ones back while it is paused', async () => {
      logs.uplink.cut();
      logs.files.write('fill', MORE_THAN_IT_KEEPS);
      await eventually('the agent is paused', () => logs.isPaused(), { seconds: 120 });
      const before = logs.reloads;
      for (const rotation of [1, 2, 3, 4]) {
        logs.files.write(`paused-${rotation}`, 50);
        // Longer than between two looks for files.
        await sleep(11_000);
        logs.files.rotate(`20260505-10000${rotation}`);
      }
      const held = logs.heldFiles().length;
      await eventually('a reload closes them', () => logs.reloads > before && !logs.heldFiles().length, {
        seconds: 120,
      });
      logs.report(
        'files deleted while it is paused: open, and after a reload',
        held,
        logs.heldFiles().length,
      );
      expect(held).toBeGreaterThanOrEqual(CONTAINERS);
      logs.files.write('paused-5', 50);
      logs.uplink.restore();
      // Files that the kubelet has not compressed.
      for (const rotation of [4, 5]) {
        await logs.account(`rotated while paused: file ${rotation} of 5`, `paused-${rotation}`, 50, 300);
      }
    });
  }
});

/** The agent's DaemonSet, with a reloader to which every disk is full, once a minute. */
function hurried(cluster: Cluster): Manifest {
  const changed = structuredClone(cluster.object('DaemonSet', EDGE, 'edge-log-collector'));
  for (const container of changed.spec.template.spec.containers) {
    if (container.name !== 'config-reloader') continue;
    container.env.push({ name: 'MOST_USED_PERCENT', value: '0' }, { name: 'RELEASE_SECONDS', value: '60' });
  }
  return changed;
}

/** Replaces the file of a container by an empty one, and returns whether it has the same inode number. */
function replace(folder: string): boolean {
  const file = join(folder, '0.log');
  const { ino } = statSync(file);
  unlinkSync(file);
  const made: string[] = [];
  const isSame = (path: string) => statSync(path).ino === ino;
  do {
    made.push(join(folder, `next-${made.length}`));
    writeFileSync(made.at(-1) ?? '', '');
  } while (!isSame(made.at(-1) ?? '') && made.length < MOST_INODES);
  renameSync(made.pop() ?? '', file);
  made.forEach(unlinkSync);
  return isSame(file);
}
