import type { RuleSource } from '../contracts/rules';
import { alert } from '../core/alerts';
import { OF_THE_CLOUD } from '../core/reserved-relabeling';
import { resolveThresholds, type ThresholdTable, thresholdBetween } from '../core/thresholds';

/** Thresholds of the alerts about public hosts. */
export interface IngressThresholds {
  /** CertificateExpiring fires this number of days before a certificate expires. @default 14 */
  readonly certificateDays: number;
  /** Number of requests with a wrong password within five minutes. @default 300 */
  readonly failedLogins: number;
}

export const INGRESS_THRESHOLDS: ThresholdTable<IngressThresholds> = {
  certificateDays: thresholdBetween(1, 365, 14, 'days'),
  failedLogins: thresholdBetween(1, 1_000_000, 300, 'requests'),
};

/** Certificates are scraped every five minutes. */
const latestSample = (metric: string): string => `last_over_time(${metric}[15m])`;

/**
 * Returns rules about certificates, which need the metrics of the program that issues or serves them: see
 * certificate-metrics.ts.
 */
export function certificateRules(given: Partial<IngressThresholds> = {}): RuleSource {
  const { certificateDays } = resolveThresholds('ingress', INGRESS_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'ingress',
        rules: [
          alert('CertificateExpiring', {
            severity: 'critical',
            for: '1h',
            expr: `(
  label_replace(min by (cluster, namespace, name) (${latestSample(`certmanager_certificate_expiration_timestamp_seconds{${OF_THE_CLOUD}}`)}), "certificate", "$1", "name", "(.+)")
  or label_replace(min by (cluster, host) (${latestSample(`nginx_ingress_controller_ssl_expire_time_seconds{host!="_", ${OF_THE_CLOUD}}`)}), "certificate", "$1", "host", "(.+)")
  or label_replace(min by (cluster, cn) (${latestSample(`traefik_tls_certs_not_after{${OF_THE_CLOUD}}`)}), "certificate", "$1", "cn", "(.+)")
) - time() < ${certificateDays * 86_400}`,
            summary: 'Certificate {{ $labels.certificate }} expires soon',
            description:
              'It expires in {{ $value | humanizeDuration }}. After that, edge nodes cannot push any more.',
          }),
        ],
      },
    ],
  };
}

/** Returns an expression for pushes of log lines that access logs show with these statuses. */
const refusedLogPushes = (logs: string, statuses: string): string =>
  `sum by (cluster, namespace, container) (count_over_time({${logs}} |~ "POST /loki/api/v1/push[^\\"]*\\" ${statuses}( |$)" [15m])) > 0`;

/**
 * The same for metrics that services push. Users are not distinguished, because anyone can send any user name with a
 * wrong password.
 */
const refusedServicePushes = (logs: string, statuses: string): string =>
  `sum by (cluster, namespace, container, status) (count_over_time({${logs}} |~ "\\"[A-Z]+ /services/metrics/[^\\"]*\\" ${statuses}( |$)" | regexp "^[^\\"]*\\"[^\\"]*\\" (?P<status>[0-9]+)" [15m])) > 0`;

/**
 * Returns rules for Loki's ruler, based on the access logs of the ingress controller and the guards: wrong
 * passwords (401), and users without a group (403).
 */
export function loginRules(
  given: Partial<IngressThresholds> = {},
  controllers = 'ingress-nginx|traefik|envoy-gateway-system',
): RuleSource {
  const { failedLogins } = resolveThresholds('ingress', INGRESS_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'ingress-logins',
        rules: [
          alert('BasicAuthFailuresHigh', {
            severity: 'warning',
            for: '10m',
            expr: `sum by (cluster, namespace) (count_over_time({namespace=~"${controllers}"} |~ "\\" 40[13]( |$)" [5m])) > ${failedLogins}`,
            summary: 'Many failed logins in namespace {{ $labels.namespace }}',
            description:
              '{{ $value | humanize }} requests within 5 minutes had a wrong password. Either a password was changed on one side only, or somebody is guessing passwords.',
          }),
          alert('EdgeUserOverLimit', {
            severity: 'warning',
            for: '10m',
            // Format of the guard's access log: ADDRESS - USER [TIME] "REQUEST" STATUS.
            expr: `sum by (cluster, namespace, container, user) (
  count_over_time({namespace=~"${controllers}", container=~".+-guard"} |~ "\\" 429( |$)" | regexp "^[^ ]+ - (?P<user>[^ ]+) " [5m])
) > 0`,
            summary: 'User {{ $labels.user }} exceeds its limit',
            description:
              '{{ $labels.container }} answered {{ $value | humanize }} requests of user {{ $labels.user }} with 429 within 5 minutes: the user exceeds its rate, its concurrent pushes, or its limit of nodes or series.',
          }),
          alert('EdgeLogPushesRefused', {
            severity: 'warning',
            for: '10m',
            // The guard's log contains its own refusals and Loki's responses; a body that exceeds the
            // controller's limit is only in the controller's log.
            expr: `${refusedLogPushes(`namespace=~"${controllers}", container=~".+-guard"`, '4(00|13|15)')}
or ${refusedLogPushes(`namespace=~"${controllers}", container!~".+-guard"`, '413')}`,
            summary: 'Agents push log lines that Loki cannot accept',
            description:
              '{{ $value | humanize }} batches within 15 minutes were rejected because of their content (400) or size (413). Retries cannot succeed: agents either drop these lines or retry forever.',
          }),
          alert('ServicePushesRefused', {
            severity: 'warning',
            for: '10m',
            // 429 is EdgeUserOverLimit. A body that exceeds the controller's limit is only in the controller's log.
            expr: `${refusedServicePushes(`namespace=~"${controllers}", container=~".+-guard"`, '4(0.|1.|99)')}
or ${refusedServicePushes(`namespace=~"${controllers}", container!~".+-guard"`, '413')}`,
            summary: 'Pushes of services to the cloud are rejected with {{ $labels.status }}',
            description:
              '{{ $labels.container }} answered {{ $value | humanize }} pushes of services within 15 minutes with {{ $labels.status }}. Nothing of these pushes is stored.',
          }),
        ],
      },
    ],
  };
}
