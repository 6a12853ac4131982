import { App, type Chart } from 'cdk8s';
import { CloudChart, EdgeChart, type LogAgent, replicated, type Settings, type Transport } from '../../lib';
import { LOG_AGENTS } from '../../lib/agents/log-agents';
import { containersOf, type Manifest, workloads } from '../support/manifests';
import { allSettings } from '../support/settings';

const NODES = '2001:db8:1::/48';

/** All that the stack has, in a cluster without IPv4. */
function environment(transport: Transport, agent: LogAgent): Manifest[] {
  const settings: Settings = {
    ...allSettings,
    nodeCidrs: [NODES],
    ingress: { rateLimit: { requestsPerSecond: 10 } },
    loki: { deployment: replicated({ objectStorage: { bucket: 'logs' } }) },
    alerts: {},
    longestOutage: undefined,
    // Each is for one of the transports.
    ...(transport === 'pushgateway' ? { metricsGateway: undefined } : { pushgateways: undefined }),
    edge: { transport, instance: 'address', logs: { agent } },
  };
  const warn = jest.spyOn(console, 'warn').mockReturnValue(undefined);
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  warn.mockRestore();
  return [cloud, edge].flatMap((chart: Chart) => chart.toJson());
}

/** Each log agent with one of the transports. */
const CASES = Object.values(LOG_AGENTS).map(
  (agent, index) => [index % 2 ? 'remote-write' : 'pushgateway', agent] as const,
);

describe.each(CASES)('without IPv4, with the transport %s', (transport, agent) => {
  const all = environment(transport, agent);
  const policies = all.filter(({ kind }) => kind === 'NetworkPolicy');
  const others = JSON.stringify(all.filter(({ kind }) => kind !== 'NetworkPolicy'));

  test('no policy opens ranges of IPv4 alone', () => {
    const rules = policies.flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])]);
    const ranges = rules.map((rule): string[] =>
      [...(rule.from ?? []), ...(rule.to ?? [])].flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr] : [])),
    );
    const used = ranges.filter((some) => some.length > 0);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((some) => !some.some((range) => range.includes(':')))).toEqual([]);
    expect(used.flat()).toContain(NODES);
  });

  test('no program listens on addresses of IPv4 alone but those of its own node or pod', () => {
    expect(others).not.toMatch(/(?<![\d.])0\.0\.0\.0(?!\/)/);
    const ports = (pattern: RegExp) => [...others.matchAll(pattern)].map(([, port]) => port);
    const listens = ports(/listen (\d+);/g);
    expect(listens.length).toBeGreaterThan(0);
    expect(ports(/listen \[::\]:(\d+);/g)).toEqual(listens);
  });

  test('an address from the environment stands in brackets before a port', () => {
    // The sidecar and the agent put that of the label in brackets on the node, as test/e2e/ipv6 shows.
    const connected = others.replace(/instance("?,"value":|:)\W*[$%][({]NODE_IP[)}]:\d+/gi, '');
    const joined = [...connected.matchAll(/.?[$%][({]\w*(?:_IP|ADDR\w*)[)}].?:\d+/g)].map(([text]) => text);
    expect(joined.length).toBeGreaterThan(0);
    expect(joined.filter((text) => !text.startsWith('['))).toEqual([]);
  });

  test('vmagent speaks IPv6, which it does not by itself', () => {
    const agents = workloads(all)
      .flatMap(containersOf)
      .filter(({ args = [] }) => args.some((arg: string) => /^-(promscrape|remoteWrite)\./.test(arg)));
    expect(agents.length).toBe(transport === 'remote-write' ? 2 : 0);
    for (const { args } of agents) expect(args).toContain('-enableTCP6=true');
  });
});
