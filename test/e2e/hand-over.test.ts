import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { ReferenceStack } from '../stacks/reference-stack';

describe('the hand-over from the hand-made DaemonSet', () => {
  let stack: ReferenceStack;
  let pushgateway: Pod;
  let old: Pod;
  let ours: Pod;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    pushgateway = await stack.startCloud('pushgateway');
    old = await stack.startHandMade();
  });

  afterAll(() => stack?.destroy());

  const groups = () => stack.pushed(pushgateway, 'push_time_seconds');

  test('begins with a group that the old one pushes', async () => {
    const [group] = await eventually('the old one has pushed', async () => {
      const all = await groups();
      return all.length > 0 && all;
    });
    const { address } = stack.edgeNode;
    expect(group).toContain(`{hostname="edge-1",instance="${address}:9100",job="node_exporter"}`);
  });

  test('cannot have both at once: the old one holds the port of the node', async () => {
    ours = await stack.startEdge();
    const exporter = ours.container('node-exporter');
    await eventually('the new exporter gives up', () => exporter.restarts > 0);
    expect(exporter.logs.join('\n')).toContain('address already in use');
  });

  test('ends with the same group, pushed by the new one, and no second series', async () => {
    await stack.cluster.remove(old);
    const removed = Date.now() / 1000;
    await eventually('the new one pushes', async () => ((await stack.lastPush(pushgateway)) ?? 0) > removed, {
      seconds: 75,
    });
    expect(ours.container('node-exporter').running).toBe(true);
    expect(await groups()).toHaveLength(1);
    expect(await stack.pushed(pushgateway, 'node_uname_info')).toHaveLength(1);
  });
});
