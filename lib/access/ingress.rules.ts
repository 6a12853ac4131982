import type { RuleSource } from '../contracts/rules';
import { alertingRule } from '../core/alerts';
import { OF_THE_CLOUD } from '../core/reserved-relabeling';
import {
  defineNumberThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../core/thresholds';

/** Thresholds of the alerts about public hosts. */
export interface IngressThresholds {
  /** CertificateExpiring fires this number of days before a certificate expires. @default 14 */
  readonly certificateDays: number;
  /**
   * Maximum number of responses with the status 401 or 403 within 5 minutes. BasicAuthFailuresHigh fires if there are
   * more.
   * @default 300
   */
  readonly failedLogins: number;
}

/** Default and allowed range of each threshold. */
export const INGRESS_THRESHOLDS: ThresholdTable<IngressThresholds> = {
  certificateDays: defineNumberThreshold(1, 365, 14, 'days'),
  failedLogins: defineNumberThreshold(1, 1_000_000, 300, 'requests'),
};

/**
 * Returns a PromQL expression for the latest sample of a metric in the last 15 minutes. Metrics about certificates are
 * scraped every 5 minutes. Prometheus's lookback is also 5 minutes, so a plain selector would miss samples.
 */
const latestSampleExpr = (metric: string): string => `last_over_time(${metric}[15m])`;

/**
 * Returns the rules about certificates. The rules need metrics of the program that issues or serves the
 * certificates (certificate-metrics.ts).
 */
export function alertRulesAboutCertificateExpiry(given: Partial<IngressThresholds> = {}): RuleSource {
  const { certificateDays } = validateAndApplyThresholdDefaults('ingress', INGRESS_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'ingress',
        rules: [
          alertingRule('CertificateExpiring', {
            severity: 'critical',
            for: '1h',
            expr: `(
  label_replace(min by (cluster, namespace, name) (${latestSampleExpr(`certmanager_certificate_expiration_timestamp_seconds{${OF_THE_CLOUD}}`)}), "certificate", "$1", "name", "(.+)")
  or label_replace(min by (cluster, host) (${latestSampleExpr(`nginx_ingress_controller_ssl_expire_time_seconds{host!="_", ${OF_THE_CLOUD}}`)}), "certificate", "$1", "host", "(.+)")
  or label_replace(min by (cluster, cn) (${latestSampleExpr(`traefik_tls_certs_not_after{${OF_THE_CLOUD}}`)}), "certificate", "$1", "cn", "(.+)")
) - time() < ${certificateDays * 86_400}`,
            summary: 'Certificate {{ $labels.certificate }} expires soon',
            description:
              'The certificate expires in {{ $value | humanizeDuration }}. After that, edge nodes cannot push.',
          }),
        ],
      },
    ],
  };
}

/**
 * Returns a LogQL expression for the number of refused log pushes in the last 15 minutes. The access logs contain a
 * line for each push.
 * @param logs matchers that select the access logs
 * @param statuses regular expression for the statuses of refused pushes
 */
const logqlCountOfRefusedLogPushes = (logs: string, statuses: string): string =>
  `sum by (cluster, namespace, container) (count_over_time({${logs}} |~ "POST /loki/api/v1/push[^\\"]*\\" ${statuses}( |$)" [15m])) > 0`;

/**
 * Regular expression for the start of a push in an access log of nginx, Traefik or Envoy: the method and the path.
 */
const PUSH_PATTERN = '\\"[A-Z]+ /(services/metrics/|metrics/|api/v1/write|loki/api/v1/push)';

/** Regular expression for the start of a push of a business service's metrics in an access log. */
const SERVICE_PUSH_PATTERN = '\\"[A-Z]+ /services/metrics/';

/**
 * Returns a LogQL expression for the number of pushes with a given response status, by a label. The value of the label
 * comes from the lines of the access logs. Each push is in the log of the ingress controller and, if the guard
 * identifies users, also in the log of the guard. To count each push once, the expression returns the larger count.
 * @param push regular expression for the start of a push
 * @param part regular expression with one named group, which matches the value of the label
 */
const logqlCountOfPushesByLabel = (
  controllers: string,
  push: string,
  status: string,
  part: string,
  range: string,
) => {
  const [, label] = /\(\?P<(\w+)>/.exec(part) ?? [];
  return `max by (cluster, ${label}) (
  sum by (cluster, namespace, container, ${label}) (
    count_over_time({namespace=~"${controllers}"} |~ "${push}[^\\"]*\\" ${status}( |$)" | regexp "${part}" [${range}])
  )
) > 0`;
};

/**
 * Returns the rules about refused requests, for Loki's ruler. The rules read the access logs of the ingress
 * controller and of the guards.
 * @param controllers regular expression for the namespaces of the ingress controller and the guards
 */
export function alertRulesAboutRefusedRequests(
  given: Partial<IngressThresholds> = {},
  controllers = 'ingress-nginx|traefik|envoy-gateway-system',
): RuleSource {
  const { failedLogins } = validateAndApplyThresholdDefaults('ingress', INGRESS_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'ingress-logins',
        rules: [
          alertingRule('BasicAuthFailuresHigh', {
            severity: 'warning',
            for: '10m',
            expr: `sum by (cluster, namespace) (count_over_time({namespace=~"${controllers}"} |~ "\\" 40[13]( |$)" [5m])) > ${failedLogins}`,
            summary: 'Many failed logins in namespace {{ $labels.namespace }}',
            description:
              '{{ $value | humanize }} requests within 5 minutes had a wrong password, or a user that is not allowed to push. Either a password was changed only in the cloud or only at the clients, or someone is guessing passwords.',
          }),
          alertingRule('EdgeUserOverLimit', {
            severity: 'warning',
            for: '10m',
            // Format of the access logs: ADDRESS - USER [TIME] "REQUEST" STATUS.
            expr: logqlCountOfPushesByLabel(
              controllers,
              PUSH_PATTERN,
              '429',
              '^[^ ]+ - (?P<user>[^ ]+) ',
              '5m',
            ),
            summary: 'User {{ $labels.user }} exceeds a limit',
            description:
              '{{ $value | humanize }} pushes of user {{ $labels.user }} were answered with status 429 within 5 minutes. The user exceeds its rate limit, its limit of concurrent pushes, or its limit of nodes or series.',
          }),
          alertingRule('EdgeLogPushesRefused', {
            severity: 'warning',
            for: '10m',
            // The guard's log contains all pushes that the guard or Loki refuses. If a body exceeds the controller's
            // limit, the push does not reach the guard and is only in the controller's log.
            expr: `${logqlCountOfRefusedLogPushes(`namespace=~"${controllers}", container=~".+-guard"`, '4(00|13|15)')}
or ${logqlCountOfRefusedLogPushes(`namespace=~"${controllers}", container!~".+-guard"`, '413')}`,
            summary: 'Log lines of agents are rejected because of their content or size',
            description:
              '{{ $value | humanize }} batches within 15 minutes were rejected because of their content (400 or 415) or size (413). Retries cannot succeed: agents either drop these lines or retry forever.',
          }),
          alertingRule('ServicePushesRefused', {
            severity: 'warning',
            for: '10m',
            // The status 429 has its own alert, EdgeUserOverLimit. This alert does not distinguish users, because
            // anyone can send any user name with a wrong password.
            expr: logqlCountOfPushesByLabel(
              controllers,
              SERVICE_PUSH_PATTERN,
              '4(0.|1.|99)',
              '^[^\\"]*\\"[^\\"]*\\" (?P<status>[0-9]+)',
              '15m',
            ),
            summary: 'Pushes of services to the cloud are rejected with status {{ $labels.status }}',
            description:
              '{{ $value | humanize }} pushes of services within 15 minutes were answered with status {{ $labels.status }}. The metrics in these pushes are lost.',
          }),
        ],
      },
    ],
  };
}
