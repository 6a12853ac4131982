import type { Chart } from 'cdk8s';
import { Alertmanager, BasicAuthIngress, LokiStack, type LokiStackProps } from '../../lib';
import { edgeLogRulesForLoki } from '../../lib/edge/log-collector/rules';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import type { Labels } from './loki-client';

export const HOUR = 3_600;
export const DAY = 24 * HOUR;

/** Describes tests of Loki, or reports that they did not run if its program is not given. */
export function withLoki(what: string, suite: () => void): void {
  if (process.env.E2E_LOKI) describe(what, suite);
  else test.todo(`${what}: NOT RUN, set E2E_LOKI`);
}

/** A Loki with its surroundings in an environment. */
export function createLoki(chart: Chart, props: LokiStackProps, groups?: readonly string[]): LokiStack {
  const ingress = new BasicAuthIngress(chart, 'i', {
    name: 'logs',
    host: 'logs.example.com',
    tls: { secretName: 'logs-tls' },
    groups,
  });
  const loki = new LokiStack(chart, 'l', { ingress, ...props });
  loki.addRules(edgeLogRulesForLoki());
  loki.addAlertSink(new Alertmanager(chart, 'a'));
  return loki;
}

/** Its objects. */
export const lokiOf = (props: LokiStackProps, groups?: readonly string[]): Manifest[] =>
  synthesizeChart((chart) => {
    createLoki(chart, props, groups);
  });

/** Labels of a container's lines. */
export const container = (node: string, name = 'app'): Labels => ({
  cluster: 'c',
  group: 'north',
  node,
  namespace: 'shop',
  pod: `${name}-1`,
  container: name,
  job: `shop/${name}`,
  stream: 'stdout',
});
