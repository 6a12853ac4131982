import type { ScrapeTarget } from '../contracts/scrape-target';
import { dnsLabel, objectName, port } from '../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { scrapeable } from '../core/scrape-rules';
import { listRule } from '../core/structure-rules';
import type { Rule } from '../core/validation';

/**
 * Properties for `certManagerMetrics()`, `ingressNginxMetrics()` and `traefikMetrics()`: the Service of a
 * program that exposes the expiry of certificates.
 */
export interface CertificateMetricsProps {
  /** Namespace of the Service and its pods. @default - the namespace in the manifests or Helm chart of the program */
  readonly namespace?: string;
  /** Name of the Service. @default - the name in the manifests or Helm chart of the program */
  readonly service?: string;
  /** Port of the Service and of its pods. @default - the port in the manifests or Helm chart of the program */
  readonly port?: number;
}

/**
 * Returns the validation rules of the options of `CertificateMetricsProps`, with the given defaults.
 * @param installed default of each option: the value in the manifests or Helm chart of the program
 */
const optionRulesOfCertificateMetrics = (installed: Required<CertificateMetricsProps>) =>
  ({
    namespace: { rule: dnsLabel, default: installed.namespace },
    service: { rule: objectName, default: installed.service },
    port: { rule: port, default: installed.port },
  }) satisfies OptionTable<CertificateMetricsProps>;

/**
 * Returns the scrape target for cert-manager, which exposes the expiry of each Certificate. The manifests of
 * cert-manager include the Service. See https://cert-manager.io/docs/devops-tips/prometheus-metrics/.
 * @throws InvalidOptionError when an option is invalid.
 */
export const certManagerMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  scrapeTargetForCertificateExpiry(
    'cert-manager',
    'certmanager_certificate_expiration_timestamp_seconds',
    { namespace: 'cert-manager', service: 'cert-manager', port: 9_402 },
    props,
  );

/**
 * Returns the scrape target for ingress-nginx, which exposes the expiry of each certificate that it serves. The Helm
 * chart of ingress-nginx creates the Service if `controller.metrics.enabled` is set. See
 * https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/.
 * @throws InvalidOptionError when an option is invalid.
 */
export const ingressNginxMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  scrapeTargetForCertificateExpiry(
    'ingress-nginx',
    'nginx_ingress_controller_ssl_expire_time_seconds',
    { namespace: 'ingress-nginx', service: 'ingress-nginx-controller-metrics', port: 10_254 },
    props,
  );

/**
 * Returns the scrape target for Traefik, which exposes the expiry of each certificate that it serves. The Helm chart of
 * Traefik creates the Service if `metrics.prometheus.service.enabled` is set. See
 * https://doc.traefik.io/traefik/v3.6/observability/metrics/overview/.
 * @throws InvalidOptionError when an option is invalid.
 */
export const traefikMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  scrapeTargetForCertificateExpiry(
    'traefik',
    'traefik_tls_certs_not_after',
    { namespace: 'traefik', service: 'traefik-metrics', port: 9_100 },
    props,
  );

/**
 * Validation rule for a list of scrape targets that expose the expiry of certificates. The rule also finds wrong types
 * in settings that are written in JavaScript.
 */
export const certificateMetrics: Rule = {
  allowed:
    'a list of scrape targets: certManagerMetrics(), ingressNginxMetrics(), traefikMetrics(), or your own',
  accepts: listRule(scrapeable).accepts,
  problems: listRule(scrapeable).problems,
};

/**
 * Returns a scrape target for the Service of a program. Prometheus drops all metrics except for `metric`. Each scrape
 * reaches a single pod of the Service. This is enough, because each pod exposes all certificates.
 * @param job name of the scrape job
 * @param installed default of each option: the value in the manifests or Helm chart of the program
 */
function scrapeTargetForCertificateExpiry(
  job: string,
  metric: string,
  installed: Required<CertificateMetricsProps>,
  props: CertificateMetricsProps,
): ScrapeTarget {
  const { namespace, service, port } = validateAndApplyDefaults(
    `metrics of ${job}`,
    props,
    optionRulesOfCertificateMetrics(installed),
  );
  return {
    scrapeConfigs: [
      {
        job_name: job,
        scrape_interval: '5m',
        static_configs: [{ targets: [`${service}.${namespace}.svc:${port}`] }],
        metric_relabel_configs: [{ source_labels: ['__name__'], regex: metric, action: 'keep' }],
      },
    ],
    scrapeServers: [{ peer: { namespace }, port, admit: () => {} }],
  };
}
