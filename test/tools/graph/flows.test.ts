import type { App } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  envoyGateway,
  fromLoki,
  fromPushgateway,
  prometheusOperator,
  remoteStore,
  slack,
} from '../../../lib';
import { createFlowGraph } from '../../../lib/tools/graph/flows';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import { loadManifests, loadRendered, workloads } from '../../support/manifests';
import { minimalSettings } from '../../support/settings';

const graphOfApp = (build: (app: App) => void) =>
  createFlowGraph(renderEnvironments({ one: build }).flatMap(({ objects }) => objects));

const committedGraph = (environment: string) => createFlowGraph(loadRendered(`dist/${environment}`));

/** Returns the IDs of all nodes of the graph that data reaches from a node of the graph. */
function reachablePlaces(from: string, { flows }: ReturnType<typeof createFlowGraph>): Set<string> {
  const seen = new Set([from]);
  for (const one of seen) for (const flow of flows) if (flow.from === one) seen.add(flow.to);
  return seen;
}

const graphs = { reference: committedGraph('reference'), fleet: committedGraph('fleet') };

describe.each(['reference', 'fleet'] as const)('in the environment %s', (environment) => {
  const graph = graphs[environment];

  test('no workload stands alone, and nothing comes from or goes to a place that is not drawn', () => {
    const ends = new Set(graph.flows.flatMap(({ from, to }) => [from, to]));
    expect([...ends].sort()).toEqual(graph.places.map(({ id }) => id).sort());
    expect(workloads(loadManifests(`dist/${environment}`)).length).toBeGreaterThan(10);
  });

  test('what a node measures and what its containers say reaches Grafana', () => {
    for (const from of ['edge-node-exporter', 'edge-log-collector'])
      expect([...reachablePlaces(`monitoring-edge/${from}`, graph)]).toContain('monitoring/grafana');
    expect([...reachablePlaces('programs', graph)]).toContain('monitoring/prometheus');
  });

  test('each arrow says what goes along it, and people are where dashboards go', () => {
    expect(graph.flows.filter(({ label }) => !label)).toEqual([]);
    expect([...reachablePlaces('monitoring/grafana', graph)]).toContain('people');
    expect(graph.flows).toContainEqual({
      from: 'monitoring-nodes/log-collector',
      to: 'monitoring/loki',
      label: 'Loki push',
    });
  });

  test('nothing is taken for a host but what clients call or the environment opens', () => {
    const hosts = graph.places.flatMap(({ id }) => (id.startsWith('host:') ? id.slice('host:'.length) : []));
    expect(
      hosts.filter((host) => !host.endsWith('edge.example.com') && !host.endsWith('fleet.example.com')),
    ).toEqual([]);
  });

  test('what leaves the edge passes a public host, and nothing flows back to it', () => {
    const onEdge = new Set(
      graph.places.filter(({ frame }) => frame?.startsWith('each edge node')).map(({ id }) => id),
    );
    expect(onEdge.size).toBeGreaterThan(1);
    const leaving = graph.flows.filter(({ from, to }) => onEdge.has(from) && !onEdge.has(to));
    expect(leaving.length).toBeGreaterThan(1);
    for (const { to } of leaving) expect(to).toMatch(/^host:(push|logs)\./);
    expect(graph.flows.filter(({ from, to }) => !onEdge.has(from) && onEdge.has(to))).toEqual([]);
  });
});

test('metrics take the way of their transport', () => {
  expect(graphs.reference.flows).toEqual(
    expect.arrayContaining([
      { from: 'monitoring-edge/edge-node-exporter', to: 'host:push.edge.example.com', label: 'PUT' },
      { from: 'monitoring/pushgateway', to: 'monitoring/prometheus', label: 'scraped samples' },
    ]),
  );
  expect(graphs.fleet.flows).toEqual(
    expect.arrayContaining([
      {
        from: 'monitoring-edge/edge-node-exporter',
        to: 'monitoring-edge/edge-metrics-agent',
        label: 'scraped samples',
      },
      {
        from: 'monitoring-edge/edge-metrics-agent',
        to: 'host:push.fleet.example.com',
        label: 'remote write',
      },
      { from: 'monitoring/metrics-gateway', to: 'monitoring/prometheus', label: 'remote write' },
    ]),
  );
});

test('groups of nodes that run the same are drawn once, and named', () => {
  const frames = graphs.fleet.places.flatMap(({ frame }) => (frame?.includes('edge') ? [frame] : []));
  expect(new Set(frames)).toEqual(new Set(['each edge node of kiosks, vehicles, no group']));
});

test('groups of nodes that run something else are drawn apart', () => {
  const { places } = graphOfApp((app) => {
    const settings = {
      ...minimalSettings,
      edge: { groups: [{ name: 'vehicles', transport: 'remote-write' as const }] },
    };
    const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
  });
  const frameOf = (name: string) => places.find((place) => place.name === name)?.frame;
  expect(frameOf('edge-metrics-agent-vehicles')).toBe('each edge node of vehicles');
  expect(frameOf('edge-node-exporter')).toBe('each edge node of no group');
});

test('people who look at Grafana, and those whom alerts tell, are where the data ends', () => {
  const { flows } = graphOfApp((app) => {
    const settings = {
      ...minimalSettings,
      hosts: { ...minimalSettings.hosts, grafana: 'grafana.example.com' },
      secrets: { receivers: 'receivers' },
      receivers: [slack({ name: 'on-call', secretKey: 'slack-url' })] as const,
    };
    new CloudChart(app, 'cloud', { settings });
  });
  expect(flows).toEqual(
    expect.arrayContaining([
      { from: 'monitoring/alertmanager', to: 'receiver:on-call', label: 'alerts' },
      { from: 'monitoring/grafana', to: 'host:grafana.example.com', label: 'dashboards' },
      { from: 'host:grafana.example.com', to: 'people', label: 'dashboards' },
    ]),
  );
});

test('hosts outside of the stack are drawn as external', () => {
  const graph = graphOfApp((app) => {
    new EdgeChart(app, 'edge', {
      settings: minimalSettings,
      metrics: fromPushgateway({ host: 'push.elsewhere.com', credentialsSecretName: 'push-credentials' }),
      logs: fromLoki({ host: 'logs.elsewhere.com', credentialsSecretName: 'logs-credentials' }),
    });
  });
  expect(graph.places.filter(({ frame }) => frame === undefined)).toEqual([
    { id: 'host:logs.elsewhere.com', name: 'logs.elsewhere.com', detail: 'external' },
    { id: 'host:push.elsewhere.com', name: 'push.elsewhere.com', detail: 'external' },
  ]);
});

test('routes of the Gateway API are ways in, too', () => {
  const graph = graphOfApp((app) => {
    const settings = {
      ...minimalSettings,
      ingress: {
        controller: envoyGateway({ namespace: 'envoy-gateway-system' }),
      },
    };
    const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics, logs });
  });
  expect([...reachablePlaces('monitoring-edge/edge-node-exporter', graph)]).toContain('monitoring/grafana');
});

describe('a store outside of the manifests', () => {
  test('of a Prometheus Operator is drawn, with its Alertmanager and its Grafana', () => {
    const metricsStore = prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } });
    const graph = graphOfApp((app) => {
      new CloudChart(app, 'cloud', {
        settings: { ...minimalSettings, edge: { transport: 'remote-write' }, metricsStore },
      });
    });
    const external = graph.places.filter(({ detail }) => detail.startsWith('external'));
    expect(external).toEqual([
      { id: 'service:kps/alertmanager-operated', name: 'alertmanager-operated', detail: 'external, in kps' },
      { id: 'service:kps/prometheus-operated', name: 'prometheus-operated', detail: 'external, in kps' },
      { id: 'operator-grafana', name: 'Grafana', detail: 'external' },
    ]);
    const [alertmanager, prometheus, grafana] = external.map(({ id }) => id) as [string, string, string];
    expect(graph.flows).toEqual(
      expect.arrayContaining([
        { from: 'monitoring/metrics-gateway', to: prometheus, label: 'remote write' },
        { from: 'monitoring/kube-state-metrics', to: prometheus, label: 'scraped samples' },
        { from: prometheus, to: alertmanager, label: 'alerts' },
        { from: 'monitoring/loki', to: alertmanager, label: 'alerts' },
        { from: prometheus, to: grafana, label: 'query results' },
        { from: 'monitoring/loki', to: grafana, label: 'query results' },
      ]),
    );
    const ends = new Set(graph.flows.flatMap(({ from, to }) => [from, to]));
    expect([...ends].sort()).toEqual(graph.places.map(({ id }) => id).sort());
  });

  test('in the cluster is drawn where the gateway, the scraper and vmalert write, and where Grafana asks', () => {
    const metricsStore = remoteStore({
      write: { url: 'http://mimir.mimir.svc/api/v1/push' },
      query: { url: 'http://mimir.mimir.svc/prometheus' },
    });
    const graph = graphOfApp((app) => {
      new CloudChart(app, 'cloud', {
        settings: { ...minimalSettings, edge: { transport: 'remote-write' }, metricsStore },
      });
    });
    const mimir = 'service:mimir/mimir';
    const writers = graph.flows.filter(({ to }) => to === mimir).map(({ from }) => from);
    expect(writers.sort()).toEqual([
      'monitoring/metrics-gateway',
      'monitoring/metrics-rules',
      'monitoring/metrics-scraper',
    ]);
    expect(graph.flows).toContainEqual({ from: mimir, to: 'monitoring/grafana', label: 'query results' });
  });
});
