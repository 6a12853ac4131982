import type { Settings } from '../../lib';
import { port } from '../../lib/core/option-rules';
import { type OptionTable, optionsRule } from '../../lib/core/option-table';
import type { EdgeComponent } from '../../lib/edge/edge-component';
import { containersOf, findOnly, type Manifest, podOf } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

type Library = typeof import('../../lib');
type EdgeComponents = typeof import('../../lib/edge/components');

interface ModemOptions {
  readonly port?: number;
}

const MODEM = { port: { rule: port, default: 9_600 } } satisfies OptionTable<ModemOptions>;

interface ModemOfGroup {
  readonly modem?: ModemOptions;
}

const MODEM_OF_GROUP = {
  modem: { rule: optionsRule<ModemOptions>(MODEM), default: undefined },
} satisfies OptionTable<ModemOfGroup>;

/** A complete agent that no file of the library names. */
const own: EdgeComponent<object, object, ModemOfGroup, ModemOfGroup> = {
  options: MODEM_OF_GROUP,
  settings: { nodes: MODEM_OF_GROUP },
  toGroupOptions: ({ modem }) => ({ modem }),
  nodesSettingsProblems: ({ modem }, { path, transports }) =>
    modem && !transports.includes('remote-write')
      ? [`${path}.modem has no effect; allowed: leave it out`]
      : [],
  createAgents: (scope, edge) => {
    const { modem } = edge.options;
    if (!modem) return [];
    return [
      new EdgeExporter(scope, 'modem', {
        ...edge.agentNameAndNodes('edge-modem'),
        sink: edge.sink,
        job: 'modem',
        image: 'registry.example.com/modem-exporter:2.0.1',
        port: modem.port ?? MODEM.port.default,
      }),
    ];
  },
};

/** A library whose list has one component more. */
function loadLibraryWithOwnComponent(): Library {
  jest.resetModules();
  const { EDGE_COMPONENTS, COMPONENT_OPTIONS }: EdgeComponents =
    jest.requireActual('../../lib/edge/components');
  (EDGE_COMPONENTS as readonly object[] as object[]).push(own);
  Object.assign(COMPONENT_OPTIONS, own.options);
  return jest.requireActual('../../lib');
}

const { CloudChart, EdgeChart, EdgeExporter, EdgeGroup, fromRemoteWrite } = loadLibraryWithOwnComponent();
const { App, Chart }: typeof import('cdk8s') = jest.requireActual('cdk8s');

const metrics = fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });

/** Agents of a group of nodes. */
function synthesizeGroup(options: object): Manifest[] {
  const chart = new Chart(new App(), 'edge');
  new EdgeGroup(chart, 'kiosks', { name: 'kiosks', metrics, ...options });
  return chart.toJson();
}

describe('an agent that is one folder and a line in the list', () => {
  const objects = synthesizeGroup({ modem: { port: 9_700 } });

  test('runs on the nodes of the group, under its name', () => {
    const pod = podOf(findOnly(objects, 'DaemonSet', 'edge-modem-kiosks'));
    expect(pod.nodeSelector).toEqual({ 'apps.kubeedge.io/belonging-to': 'kiosks' });
  });

  test('hands its metrics to the agent of these nodes', () => {
    const { data } = findOnly(objects, 'ConfigMap', 'edge-metrics-agent-kiosks-config');
    expect(data['jobs.yaml']).toMatch(/job_name: modem\n(.*\n)*?.*:9700/);
    expect(containersOf(findOnly(objects, 'DaemonSet', 'edge-modem-kiosks')).map(({ name }) => name)).toEqual(
      ['exporter'],
    );
  });

  test('has its options checked, and does not run without them', () => {
    expect(refusalMessage(() => synthesizeGroup({ modem: { port: 0 } }))).toContain(
      'modem.port is 0; allowed: ',
    );
    expect(synthesizeGroup({}).filter(({ metadata }) => metadata.name.startsWith('edge-modem'))).toEqual([]);
  });

  test('has its settings, of all nodes and of a group of them', () => {
    const groups = [{ name: 'kiosks', modem: { port: 9_700 } }];
    const settings = { ...minimalSettings, edge: { transport: 'remote-write' as const, modem: {}, groups } };
    const made = new EdgeChart(new App(), 'edge', { settings, metrics }).toJson();
    const portOf = (name: string) =>
      containersOf(findOnly(made, 'DaemonSet', name))[0]?.ports?.[0]?.containerPort;
    expect([portOf('edge-modem'), portOf('edge-modem-kiosks')]).toEqual([9_600, 9_700]);
  });

  test('has its settings checked', () => {
    const settings = { ...minimalSettings, edge: { modem: { baud: 9_600 } } } as Settings;
    expect(refusalMessage(() => new EdgeChart(new App(), 'edge', { settings, metrics }))).toContain(
      'settings.edge.modem.baud is not an option; allowed: the options port',
    );
  });

  test('has combinations of its settings checked, of all nodes and of each group', () => {
    const groups = [
      { name: 'kiosks', modem: {} },
      { name: 'vehicles', transport: 'remote-write', modem: {} },
    ];
    const refused = (edge: object) =>
      refusalMessage(
        () => new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, edge } as Settings }),
      );
    expect(refused({ groups })).toContain(
      'cloud: settings.edge.groups[0].modem has no effect; allowed: leave it out',
    );
    expect(refused({ modem: {} })).toContain('cloud: settings.edge.modem has no effect');
  });
});
