import { Construct } from 'constructs';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { commonCloudOptionTable } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { interval, patternRule } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { Resources } from '../../core/pods';
import { caFilePath, caMounts, caVolumes } from '../../core/private-ca';
import { httpProbes } from '../../core/probes';
import { listRule } from '../../core/structure-rules';
import { type Duration, toSeconds } from '../../core/units';
import { yaml } from '../../core/yaml';

/** Properties for `HostProbe`. */
export interface HostProbeProps {
  /** Name of the Kubernetes objects and of the scrape job. @default "cloud-host-probe" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * URLs that must respond with status 401 to a request without a password, such as
   * `https://push.example.com/api/v1/write`.
   */
  readonly urls: readonly string[];
  /** Interval between two probes of a URL. @default "1m" */
  readonly interval?: Duration;
  /** Resources of the blackbox_exporter. @default - requests: 10m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
}

const httpsAddress = patternRule(
  /^https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w./?=&-]*)?$/,
  'a URL that begins with https://, such as "https://push.example.com/api/v1/write"',
);

/** Validation rule and default of each option of `HostProbe`. */
export const HOST_PROBE_OPTIONS = {
  ...commonCloudOptionTable('cloud-host-probe', { cpu: '10m', memory: '32Mi', memoryLimit: '64Mi' }),
  urls: { rule: listRule(httpsAddress) },
  interval: { rule: interval, default: '1m' },
} satisfies OptionTable<HostProbeProps>;

/**
 * Image of blackbox_exporter. Registry mirrors and the lock file of images apply to this image, but the setting
 * `images.overrides` does not.
 */
const IMAGE = 'quay.io/prometheus/blackbox-exporter:v0.28.0';
const PORT = 9115;
const CONFIG_DIR = '/etc/blackbox';
const CA_DIR = '/etc/blackbox-ca';
const MODULE = 'asks_for_password';

/**
 * Ports of ingress controller pods. The probe connects to the load balancer, but kube-proxy may send this connection
 * directly to a pod of the ingress controller. The network policy must therefore allow these ports.
 */
const INGRESS_PORTS = [443, 8443, 10_443];

/**
 * A blackbox_exporter that probes the public hosts from within the cluster, without a password. Each host
 * must present a trusted certificate and respond with status 401. The probe detects an expired certificate, a missing
 * route, an ingress controller that is down, and a host without authentication.
 */
export class HostProbe extends Construct implements ScrapeTarget {
  readonly component = 'cloud-host-probe';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: HostProbeProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, HOST_PROBE_OPTIONS);
    const workload = createHostProbeWorkload(this, options);
    workload.network.allowEgressTo({ anywhere: true }, ...INGRESS_PORTS);
    this.scrapeServers = [workload.serverForNetworkPolicies('http')];
    this.scrapeConfigs = [probeScrapeConfig(options, workload.serviceAddress('http'))];
  }
}

function createHostProbeWorkload(
  scope: Construct,
  { name, namespace, resources }: Options<HostProbeProps, typeof HOST_PROBE_OPTIONS>,
): CloudWorkload {
  const { privateCa } = Platform.of(scope);
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: IMAGE,
    uid: 65_534,
    ports: { http: PORT },
    config: [
      {
        name: 'config',
        mountPath: CONFIG_DIR,
        files: () => ({
          'blackbox.yml': yaml({
            modules: { [MODULE]: blackboxExporterModuleConfig(caFilePath(CA_DIR, { privateCa })) },
          }),
        }),
      },
    ],
    volumes: caVolumes({ privateCa }),
    container: {
      args: [`--config.file=${CONFIG_DIR}/blackbox.yml`, `--web.listen-address=:${PORT}`],
      resources,
      volumeMounts: caMounts(CA_DIR, { privateCa }),
      ...httpProbes({ ready: '/-/healthy', live: '/-/healthy' }),
    },
  });
}

/**
 * Returns the probe module of blackbox_exporter: a POST request without a password. The request has no body, so even a
 * host without authentication stores no samples.
 * @param caFile path of the private CA certificate; undefined if the hosts have certificates of a public CA
 */
const blackboxExporterModuleConfig = (caFile: string | undefined): object => ({
  prober: 'http',
  timeout: '10s',
  http: {
    method: 'POST',
    valid_status_codes: [401],
    fail_if_not_ssl: true,
    follow_redirects: false,
    preferred_ip_protocol: 'ip4',
    ...(caFile && { tls_config: { ca_file: caFile } }),
  },
});

/**
 * Returns the scrape job that makes blackbox_exporter probe each URL.
 * @param address host and port of blackbox_exporter
 */
function probeScrapeConfig(
  { name, urls, interval: often }: Options<HostProbeProps, typeof HOST_PROBE_OPTIONS>,
  address: string,
): ScrapeConfig {
  return {
    job_name: name,
    scrape_interval: often,
    scrape_timeout: `${Math.min(15, toSeconds(often))}s`,
    metrics_path: '/probe',
    params: { module: [MODULE] },
    static_configs: [{ targets: [...urls] }],
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      // Sets the label instance to the host and path of the URL, such as push.example.com/api/v1/write.
      { source_labels: ['__address__'], regex: 'https://([^?]+).*', target_label: 'instance' },
      { target_label: '__address__', replacement: address },
    ],
  };
}
