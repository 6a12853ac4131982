import { App } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Alertmanager,
  CloudChart,
  type EnvironmentRulesProps,
  environmentRules,
  Grafana,
  HostProbe,
  KubeStateMetrics,
  LogCollector,
  LokiStack,
  NodeAdmission,
  nodeCertificate,
  Prometheus,
  proxy,
  type ScrapeTarget,
} from '../../lib';
import { NODE_CA } from '../support/node-ca';
import { minimalSettings } from '../support/settings';
import { synthesizeChart } from '../support/synthesize';

/** The components that rules find among the targets, each under a name. */
const COMPONENTS: Readonly<Record<string, (scope: Construct, name: string) => ScrapeTarget>> = {
  alertmanager: (scope, name) => new Alertmanager(scope, 'component', { name }),
  'cloud-host-probe': (scope, name) =>
    new HostProbe(scope, 'component', { name, urls: ['https://push.example.com/'] }),
  'cloud-node-admission': (scope, name) => new NodeAdmission(scope, 'component', { name }),
  grafana: (scope, name) => new Grafana(scope, 'component', { name }),
  'kube-state-metrics': (scope, name) => new KubeStateMetrics(scope, 'component', { name }),
  'log-collector': (scope, name) =>
    new LogCollector(scope, 'component', { name, loki: new LokiStack(scope, 'logs') }),
  loki: (scope, name) => new LokiStack(scope, 'component', { name }),
  prometheus: (scope, name) => new Prometheus(scope, 'component', { name }),
};

const CERTIFIED = {
  controller: proxy({ namespace: 'ingress', tlsPassthrough: true }),
  authentication: nodeCertificate({ ca: NODE_CA }),
};

/** Components that some environments do not have; without targets, rules know of all. */
const OPTIONAL: readonly string[] = ['alertmanager', 'cloud-host-probe', 'cloud-node-admission', 'grafana'];

/** The components that an environment names to rules, since it may have none or several of them. */
const NAMED: Readonly<Record<string, (name: string) => Partial<EnvironmentRulesProps>>> = {
  'metrics-gateway': (name) => ({ gateway: name }),
  pushgateway: (name) => ({ exporters: [name] }),
  'pushgateway-services': (name) => ({ services: [name] }),
};

const rulesOf = (environment: Partial<EnvironmentRulesProps>): string =>
  JSON.stringify(
    environmentRules({
      gateway: 'gate',
      ...environment,
      edgeNamespace: 'monitoring-edge',
      ingressNamespaces: ['monitoring'],
    }),
  );

describe.each(Object.keys(COMPONENTS))('rules about %s', (component) => {
  test('read it under its real name, wherever they read it', () => {
    const rulesWith = (name: string): string => {
      let rules = '';
      synthesizeChart((scope) => {
        const others = OPTIONAL.filter((other) => other !== component);
        const targets = [component, ...others].map(
          (one) =>
            COMPONENTS[one]?.(new Construct(scope, one), one === component ? name : one) as ScrapeTarget,
        );
        rules = rulesOf({ targets });
      });
      return rules;
    };
    const rules = rulesWith('renamed');
    expect(rules).toContain('renamed');
    expect(rules.replaceAll('renamed', component)).toBe(rulesWith(component));
    expect(rulesWith(component)).toBe(rulesOf({}));
  });
});

test.each(Object.keys(NAMED))('rules about %s read it under the name that they are given', (component) => {
  const rulesWith = (name: string) => rulesOf(NAMED[component]?.(name) as Partial<EnvironmentRulesProps>);
  const rules = rulesWith('renamed');
  expect(rules).toContain('renamed');
  expect(rules.replaceAll('renamed', component)).toBe(rulesWith(component));
});

test('no component of the cloud side is missing here', () => {
  const chart = new CloudChart(new App(), 'cloud', {
    settings: { ...minimalSettings, hostProbe: {}, ingress: CERTIFIED },
  });
  const found = chart.node.findAll().map((construct) => (construct as Partial<ScrapeTarget>).component);
  expect([...new Set(found.filter((component) => component !== undefined))].sort()).toEqual(
    Object.keys(COMPONENTS),
  );
});
