import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import {
  defineNumberThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';

/** Thresholds of the alerts about the public hosts. */
export interface HostProbeThresholds {
  /**
   * PublicHostCertificateExpiring fires if the certificate of a public host expires in less than this number of days.
   * @default 14
   */
  readonly hostCertificateDays: number;
}

/** Allowed range and default of each threshold in `HostProbeThresholds`. */
export const HOST_PROBE_THRESHOLDS: ThresholdTable<HostProbeThresholds> = {
  hostCertificateDays: defineNumberThreshold(1, 365, 14, 'days'),
};

/** Returns the alerts about the public hosts, based on the metrics of blackbox_exporter. */
export function alertRulesAboutPublicHosts(given: Partial<HostProbeThresholds>, job: string): RuleSource {
  const { hostCertificateDays } = validateAndApplyThresholdDefaults(
    'host-probe',
    HOST_PROBE_THRESHOLDS,
    given,
  );
  return {
    ruleGroups: [
      {
        name: 'host-probe',
        rules: [
          alertingRule('PublicHostFailing', {
            severity: 'critical',
            for: '5m',
            expr: `min by (cluster, instance) (probe_success{job="${job}"}) == 0`,
            summary: '{{ $labels.instance }} fails its probe',
            description:
              '{{ $labels.instance }} must reject a request without a password (status 401), but it does not answer, has no trusted certificate, or answers with another status. Edge nodes cannot push, or anyone can push without a password.',
          }),
          alertingRule('PublicHostCertificateExpiring', {
            severity: 'critical',
            for: '1h',
            expr: `min by (cluster, instance) (probe_ssl_earliest_cert_expiry{job="${job}"}) - time() < ${hostCertificateDays * 86_400}`,
            summary: 'The certificate of {{ $labels.instance }} expires soon',
            description:
              'The certificate expires in {{ $value | humanizeDuration }}. Edge nodes cannot push with an expired certificate.',
          }),
        ],
      },
    ],
  };
}
