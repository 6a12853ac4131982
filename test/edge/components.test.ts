import { port } from '../../lib/core/option-rules';
import { type OptionTable, optionsRule } from '../../lib/core/option-table';
import type { EdgeComponent } from '../../lib/edge/edge-component';
import { containersOf, type Manifest, only, podOf } from '../support/manifests';
import { refusal } from '../support/synthesize';

type Library = typeof import('../../lib');
type EdgeComponents = typeof import('../../lib/edge/components');

interface ModemOptions {
  readonly port?: number;
}

const MODEM = { port: { rule: port, default: 9_600 } } satisfies OptionTable<ModemOptions>;

/** An agent that no file of the library names: all of it stands here. */
const own: EdgeComponent<object, object, { readonly modem?: ModemOptions }> = {
  options: { modem: { rule: optionsRule<ModemOptions>(MODEM), default: undefined } },
  makeAgents: (scope, edge) => {
    const { modem } = edge.options;
    if (!modem) return [];
    return [
      new EdgeExporter(scope, 'modem', {
        ...edge.placeOf('edge-modem'),
        sink: edge.sink,
        job: 'modem',
        image: 'registry.example.com/modem-exporter:2.0.1',
        port: modem.port ?? MODEM.port.default,
      }),
    ];
  },
};

/** A library whose list has one component more. */
function libraryWithOwn(): Library {
  jest.resetModules();
  const actual: EdgeComponents = jest.requireActual('../../lib/edge/components');
  jest.doMock('../../lib/edge/components', () => ({
    EDGE_COMPONENTS: [...actual.EDGE_COMPONENTS, own],
    COMPONENT_OPTIONS: { ...actual.COMPONENT_OPTIONS, ...own.options },
    edgeComponents: [...actual.edgeComponents, own],
  }));
  return jest.requireActual('../../lib');
}

const { EdgeExporter, EdgeGroup, fromRemoteWrite } = libraryWithOwn();
const { App, Chart }: typeof import('cdk8s') = jest.requireActual('cdk8s');

/** What a group of nodes runs. */
function groupWith(options: object): Manifest[] {
  const metrics = fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
  const chart = new Chart(new App(), 'edge');
  new EdgeGroup(chart, 'kiosks', { name: 'kiosks', metrics, ...options });
  return chart.toJson();
}

describe('an agent that is one folder and a line in the list', () => {
  const objects = groupWith({ modem: { port: 9_700 } });

  test('runs on the nodes of the group, under its name', () => {
    const pod = podOf(only(objects, 'DaemonSet', 'edge-modem-kiosks'));
    expect(pod.nodeSelector).toEqual({ 'apps.kubeedge.io/belonging-to': 'kiosks' });
  });

  test('hands its metrics to the agent of these nodes', () => {
    const { data } = only(objects, 'ConfigMap', 'edge-metrics-agent-kiosks-config');
    expect(data['jobs.yaml']).toMatch(/job_name: modem\n(.*\n)*?.*:9700/);
    expect(containersOf(only(objects, 'DaemonSet', 'edge-modem-kiosks')).map(({ name }) => name)).toEqual([
      'exporter',
    ]);
  });

  test('has its options checked, and does not run without them', () => {
    expect(refusal(() => groupWith({ modem: { port: 0 } }))).toContain('modem.port is 0; allowed: ');
    expect(groupWith({}).filter(({ metadata }) => metadata.name.startsWith('edge-modem'))).toEqual([]);
  });
});
