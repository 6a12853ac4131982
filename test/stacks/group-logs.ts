import { BasicAuthIngress, EdgeLogCollector, LogCollector, LokiStack, Prometheus } from '../../lib';
import { alertRulesAboutRefusedRequests } from '../../lib/access/ingress.rules';
import { alertRulesAboutLoki } from '../../lib/cloud/loki/rules';
import { LOG_INTERVAL, logsDashboard } from '../../lib/edge/log-collector/dashboard';
import type { Credentials } from '../runtime/secrets';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { CLOUD } from './reference-stack';

/** Host to which edge nodes push their lines. */
export const HOST = 'logs.example.com';
export const USERS: Readonly<Record<string, Credentials>> = {
  north: { username: 'north', password: 'correct-horse-north' },
  south: { username: 'south', password: 'correct-horse-south' },
};
/** Low limits, so that a flood reaches them within seconds. */
const LIMITS = { streams: 1_000, ingestionRate: '0.5Mi' } as const;

/** Queries of panels as Grafana sends them, with all nodes chosen. */
export function panelQueries(): string[] {
  const panels = logsDashboard().dashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  return panels
    .filter(({ source, kind }) => source === 'logs' && kind !== 'logs')
    .flatMap(({ queries }) => queries.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll(/\$(cluster|group|node)/g, '.*').replaceAll('$__auto', LOG_INTERVAL));
}

/** Two groups with an edge each that is honest, and a hostile edge that has the password of one of them. */
export function groupStack(): { objects: Manifest[]; readers?: string } {
  let readers: string | undefined;
  const objects = synthesizeChart((chart) => {
    const groups = Object.keys(USERS);
    const ingress = new BasicAuthIngress(chart, 'ingress', {
      ...{ name: 'logs', host: HOST, tls: { secretName: 'logs-tls' }, groups },
    });
    const loki = new LokiStack(chart, 'loki', {
      ingress,
      multiTenancy: { limits: { north: LIMITS, south: LIMITS } },
    });
    loki.addRules(alertRulesAboutRefusedRequests({}, `ingress-nginx|${CLOUD}`));
    readers = loki.dataSource.secureJsonData?.httpHeaderValue1;
    const prometheus = new Prometheus(chart, 'prometheus', {
      scrapeInterval: '2s',
      rules: { overrides: { LokiIngestionRefused: { for: '1s' }, LokiPushesInvalid: { for: '1s' } } },
    });
    prometheus.addTarget(loki);
    prometheus.addRules(alertRulesAboutLoki());
    for (const group of groups) {
      new EdgeLogCollector(chart, group, {
        ...{ name: `logs-${group}`, sink: loki, group, nodeSelector: { site: group } },
      });
    }
    new LogCollector(chart, 'collector', { loki });
  });
  return { objects, readers };
}
