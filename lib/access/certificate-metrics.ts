import type { ScrapeTarget } from '../contracts/scrape-target';
import { dnsLabel, objectName, port } from '../core/option-rules';
import { type OptionTable, optionsOf } from '../core/option-table';
import { scrapeable } from '../core/scrape-rules';
import { each } from '../core/structure-rules';
import type { Rule } from '../core/validation';

/** The Service of a program that says when certificates end. */
export interface CertificateMetricsProps {
  /** Namespace of the Service and of its pods. @default - the one that its own installation makes */
  readonly namespace?: string;
  /** Name of the Service. @default - as its own installation names it */
  readonly service?: string;
  /** Port of the Service, and of the pods behind it. @default - the one of its own installation */
  readonly port?: number;
}

/** The options of a program whose own installation makes this Service. */
const installedAs = (installed: Required<CertificateMetricsProps>) =>
  ({
    namespace: { rule: dnsLabel, default: installed.namespace },
    service: { rule: objectName, default: installed.service },
    port: { rule: port, default: installed.port },
  }) satisfies OptionTable<CertificateMetricsProps>;

/**
 * cert-manager's own metrics, of every Certificate that it keeps; its manifests make the Service.
 * https://cert-manager.io/docs/devops-tips/prometheus-metrics/
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export const certManagerMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  metricsOf(
    'cert-manager',
    'certmanager_certificate_expiration_timestamp_seconds',
    { namespace: 'cert-manager', service: 'cert-manager', port: 9_402 },
    props,
  );

/**
 * Those of ingress-nginx, of every certificate that it serves. Its chart makes the Service where
 * `controller.metrics.enabled` is set. https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export const ingressNginxMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  metricsOf(
    'ingress-nginx',
    'nginx_ingress_controller_ssl_expire_time_seconds',
    { namespace: 'ingress-nginx', service: 'ingress-nginx-controller-metrics', port: 10_254 },
    props,
  );

/**
 * Those of Traefik, likewise. Its chart makes the Service where `metrics.prometheus.service.enabled` is set.
 * https://doc.traefik.io/traefik/v3.6/observability/metrics/overview/
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export const traefikMetrics = (props: CertificateMetricsProps = {}): ScrapeTarget =>
  metricsOf(
    'traefik',
    'traefik_tls_certs_not_after',
    { namespace: 'traefik', service: 'traefik-metrics', port: 9_100 },
    props,
  );

/** What says when certificates end, for settings that no compiler has checked. */
export const certificateMetrics: Rule = {
  allowed:
    'a list of certManagerMetrics(), ingressNginxMetrics() or traefikMetrics(), or of targets of your own',
  accepts: each(scrapeable).accepts,
  problems: each(scrapeable).problems,
};

/** One of its pods is asked, and of all that it says for one metric: each pod knows all certificates. */
function metricsOf(
  job: string,
  metric: string,
  installed: Required<CertificateMetricsProps>,
  props: CertificateMetricsProps,
): ScrapeTarget {
  const { namespace, service, port } = optionsOf(`metrics of ${job}`, props, installedAs(installed));
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
