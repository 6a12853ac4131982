import { LOKI_PUSH_PATH } from '../../contracts/log-sink';
import { REMOTE_WRITE_PATH, type Transport } from '../../contracts/metrics-sink';
import {
  environmentHasComponent,
  firstScrapeJobNameOfComponent,
  type RuledTargets,
} from '../../core/component';
import type { CloudComponent } from '../cloud-component';
import { HostProbe } from './host-probe';
import { alertRulesAboutPublicHosts, HOST_PROBE_THRESHOLDS, type HostProbeThresholds } from './rules';
import { HOST_PROBE_SETTINGS, type HostProbeEnvironment } from './settings';

/** The component `host-probe` of an environment: a `HostProbe`, if the setting `hostProbe` is set. */
export const hostProbeComponent = {
  settings: { own: HOST_PROBE_SETTINGS },
  thresholds: HOST_PROBE_THRESHOLDS,
  rules: (environment, limits) =>
    environmentHasComponent('cloud-host-probe', environment)
      ? [alertRulesAboutPublicHosts(limits, firstScrapeJobNameOfComponent('cloud-host-probe', environment))]
      : [],
  make: (scope, { settings: { hostProbe, hosts }, transports }) =>
    hostProbe
      ? [new HostProbe(scope, 'host-probe', { ...hostProbe, urls: urlsToProbe(hosts, transports) })]
      : [],
} satisfies CloudComponent<HostProbeThresholds, RuledTargets, object, object, HostProbeEnvironment>;

const PUSH_PATHS: Readonly<Record<Transport, string>> = {
  'remote-write': REMOTE_WRITE_PATH,
  pushgateway: '/metrics/job/host-probe',
};

/**
 * Returns the URLs to probe: the URLs to which edge nodes push, and the URL of Grafana if Grafana has a public host.
 * The URL for logs has the query `client=docker-driver`: with this query, the guard in front of Loki responds with 401
 * to a request without a password. Without this query, the status would be 503, which makes log agents retry.
 */
const urlsToProbe = (
  { metrics, logs, grafana }: HostProbeEnvironment['hosts'],
  transports: readonly Transport[],
): readonly string[] => [
  ...transports.map((transport) => `https://${metrics}${PUSH_PATHS[transport]}`),
  `https://${logs}${LOKI_PUSH_PATH}?client=docker-driver`,
  ...(grafana ? [`https://${grafana}/`] : []),
];
