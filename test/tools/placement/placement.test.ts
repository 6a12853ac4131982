import { CloudChart, EdgeChart, type Settings } from '../../../lib';
import type { AppliedObject } from '../../../lib/tools/applied/object-reference';
import { referenceOf } from '../../../lib/tools/applied/object-reference';
import { planReplacementsThatKeepPlacement } from '../../../lib/tools/placement/keep-placement';
import { type MoveOptions, performPlacementMove } from '../../../lib/tools/placement/perform-move';
import { MOVED_LABEL } from '../../../lib/tools/placement/placement-move';
import { createApp } from '../../../lib/tools/synthesis/environment';
import { type RenderedObject, renderApp } from '../../../lib/tools/synthesis/render';
import { createRecordedIo } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';
import { PlacedFleet } from './fleet';

const KIOSKS = { name: 'kiosks', nodeSelector: { site: 'kiosks' } };

/** Renders the DaemonSets of an environment with these settings of the edge. */
function renderDaemonSets(edge: Settings['edge']): RenderedObject[] {
  const settings: Settings = { ...minimalSettings, edge };
  const environment = (app: ConstructorParameters<typeof CloudChart>[0]) => {
    const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics, logs });
  };
  return renderApp(createApp('test', { test: environment })).filter(
    ({ manifest }) => manifest.kind === 'DaemonSet',
  );
}

const before = renderDaemonSets({});
const after = renderDaemonSets({ groups: [KIOSKS] });

describe('a change of groups', () => {
  let fleet: PlacedFleet;
  let said: string;

  beforeEach(() => {
    fleet = new PlacedFleet();
    for (const index of [1, 2, 3, 4]) fleet.addNode(`kiosk-${index}`, { site: 'kiosks' });
    fleet.addNode('plant-1');
    fleet.apply(before.map(({ manifest }) => manifest));
  });

  const recorded = (objects: readonly RenderedObject[]): AppliedObject[] =>
    objects.map(({ manifest }) => ({ ...referenceOf(manifest), uid: 'u' }));

  /** Returns the DaemonSets of `apply --keep-placement`. */
  async function keep(objects: readonly RenderedObject[], of = before): Promise<readonly string[]> {
    const { daemonSets, refusals } = await planReplacementsThatKeepPlacement(
      objects,
      recorded(of),
      fleet.kubectl,
    );
    fleet.apply(daemonSets);
    return refusals;
  }

  async function move(more: Partial<MoveOptions> = {}): Promise<void> {
    const { io, written } = createRecordedIo();
    const pace = { steps: [50, 100], timeoutSeconds: 60, watchSeconds: 10, pauseSeconds: 5 };
    try {
      await performPlacementMove(
        { objects: after, apply: true, ...pace, ...more },
        { kubectl: fleet.kubectl, clock: fleet.clock, io },
      );
    } finally {
      said = written.stdout;
    }
  }

  const OLD = ['edge-log-collector', 'edge-node-exporter'];
  const NEW = ['edge-log-collector-kiosks', 'edge-node-exporter-kiosks'];
  const labelled = () =>
    fleet.calls.filter((call) => call.startsWith('label')).map((call) => call.match(/kiosk-\d|plant-\d/g));

  test('moves no pod while templates admit the old and the new group', async () => {
    await keep(after);
    for (const node of fleet.nodes.keys()) expect(fleet.daemonSetsOnNode(node)).toEqual(OLD);
  });

  test('is shown before it is made', async () => {
    await keep(after);
    await move({ apply: false });
    expect(said).toContain(
      'canary: 1 nodes: kiosk-1\n50 %: 1 nodes: kiosk-2\n100 %: 2 nodes: kiosk-3, kiosk-4\n',
    );
    expect(labelled()).toEqual([]);
  });

  test('moves nodes in groups, each with all of its pods, and leaves those of other groups', async () => {
    await keep(after);
    await move();
    expect(labelled()).toEqual([['kiosk-1'], ['kiosk-2'], ['kiosk-3', 'kiosk-4']]);
    expect(fleet.daemonSetsOnNode('kiosk-4')).toEqual(NEW);
    expect(fleet.daemonSetsOnNode('plant-1')).toEqual(OLD);
  });

  test('changes nothing more when the synthesis is applied afterwards', async () => {
    await keep(after);
    await move();
    const moved = [...fleet.nodes.keys()].map((node) => fleet.daemonSetsOnNode(node));
    fleet.apply(after.map(({ manifest }) => manifest));
    expect([...fleet.nodes.keys()].map((node) => fleet.daemonSetsOnNode(node))).toEqual(moved);
  });

  test('stops at the first group whose pods do not become ready, and goes on from there', async () => {
    fleet.broken.add('kiosk-2');
    await keep(after);
    await expect(move()).rejects.toThrow(
      '50 %: stopped, because pods are not ready after 60 s on these nodes: kiosk-2',
    );
    expect(fleet.daemonSetsOnNode('kiosk-3')).toEqual(OLD);
    fleet.broken.clear();
    await keep(after);
    await move();
    expect(fleet.daemonSetsOnNode('kiosk-3')).toEqual(NEW);
  });

  test('leaves a node that is not connected for later', async () => {
    const node = fleet.nodes.get('kiosk-3');
    if (node) node.online = false;
    await keep(after);
    await move();
    expect(fleet.daemonSetsOnNode('kiosk-3')).toEqual(OLD);
    expect(said).toContain('kiosk-3');
  });

  test('takes nodes off a group that is removed, whose DaemonSets only its inventory names', async () => {
    fleet.daemonSets.clear();
    fleet.apply(after.map(({ manifest }) => manifest));
    await keep(before, after);
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(NEW);
    await move({ objects: before });
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(OLD);
  });

  test('moves no pod when the settings change again before all nodes have moved', async () => {
    await keep(after);
    await move({ apply: true });
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(NEW);
    await keep(before, after);
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(NEW);
    await move({ objects: before });
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(OLD);
  });

  test('keeps a label of an earlier move from counting', async () => {
    const node = fleet.nodes.get('kiosk-1');
    if (node) node.labels[MOVED_LABEL] = 'of-before';
    await keep(after);
    expect(fleet.daemonSetsOnNode('kiosk-1')).toEqual(OLD);
  });

  test('is refused where the templates of the cluster do not admit both', async () => {
    await expect(move()).rejects.toThrow(/run npm run --silent apply -- --keep-placement first/);
    expect(labelled()).toEqual([]);
  });

  test('of tolerations cannot be led, and says why', async () => {
    const tolerant = renderDaemonSets({ tolerations: [{ operator: 'Exists' }] });
    expect(await keep(tolerant)).toContain(
      'the tolerations of the DaemonSet monitoring-edge/edge-node-exporter change, and this change affects all nodes at once',
    );
  });

  test('says so where there is nothing to move', async () => {
    await move({ objects: before });
    expect(said).toContain('nothing to move');
  });
});
