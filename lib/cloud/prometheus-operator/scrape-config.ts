import type {
  ScrapeConfigSpec,
  ScrapeConfigSpecKubernetesSdConfigs,
  ScrapeConfigSpecRelabelings,
} from '../../../imports/monitoring.coreos.com';
import type { RelabelConfig, ScrapeConfig } from '../../contracts/scrape-target';

/**
 * The spec of a ScrapeConfig with the field names that the manifest needs. The generated types spell some
 * field names differently.
 */
export type ScrapeConfigManifest = Omit<
  ScrapeConfigSpec,
  'dnsSdConfigs' | 'kubernetesSdConfigs' | 'enableHttp2' | 'convertClassicHistogramsToNhcb'
> & {
  readonly dnsSDConfigs?: readonly object[];
  readonly kubernetesSDConfigs?: readonly ScrapeConfigSpecKubernetesSdConfigs[];
};

/**
 * Fields that have another name, but the same value, in the spec of a ScrapeConfig. The key is the name in a
 * scrape job, and the value is the name in the spec.
 */
const RENAMED_FIELDS: Readonly<Record<string, string>> = {
  scrape_interval: 'scrapeInterval',
  scrape_timeout: 'scrapeTimeout',
  metrics_path: 'metricsPath',
  params: 'params',
  honor_labels: 'honorLabels',
  honor_timestamps: 'honorTimestamps',
  track_timestamps_staleness: 'trackTimestampsStaleness',
  scrape_protocols: 'scrapeProtocols',
  fallback_scrape_protocol: 'fallbackScrapeProtocol',
  scrape_native_histograms: 'scrapeNativeHistograms',
  always_scrape_classic_histograms: 'scrapeClassicHistograms',
  convert_classic_histograms_to_nhcb: 'convertClassicHistogramsToNHCB',
  enable_compression: 'enableCompression',
  enable_http2: 'enableHTTP2',
  body_size_limit: 'bodySizeLimit',
  sample_limit: 'sampleLimit',
  target_limit: 'targetLimit',
  label_limit: 'labelLimit',
  label_name_length_limit: 'labelNameLengthLimit',
  label_value_length_limit: 'labelValueLengthLimit',
  native_histogram_bucket_limit: 'nativeHistogramBucketLimit',
  keep_dropped_targets: 'keepDroppedTargets',
  proxy_url: 'proxyUrl',
  no_proxy: 'noProxy',
  proxy_from_environment: 'proxyFromEnvironment',
  static_configs: 'staticConfigs',
};

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Secret of a service account, with the token and the cluster's CA certificate. */
export interface TokenSecret {
  readonly name: string;
}

type ConvertedField = Partial<ScrapeConfigManifest> | undefined;

/**
 * Functions that convert a field of a scrape job into fields of a ScrapeConfig's spec, by the name of the
 * field. A function returns `undefined` if a ScrapeConfig cannot express the value.
 */
const CONVERTED_FIELDS: Readonly<Record<string, (value: unknown, token: TokenSecret) => ConvertedField>> = {
  job_name: (value) => ({ jobName: String(value) }),
  // Older versions of the operator accept the scheme only in upper case, such as HTTPS.
  scheme: (value) => ({ scheme: String(value).toUpperCase() }),
  relabel_configs: (value) => ({ relabelings: toRelabelings(value) }),
  metric_relabel_configs: (value) => ({ metricRelabelings: toRelabelings(value) }),
  dns_sd_configs: (value) => {
    const all = renameFieldsOfObjects(value, {
      names: 'names',
      type: 'type',
      port: 'port',
      refresh_interval: 'refreshInterval',
    });
    return all && { dnsSDConfigs: all };
  },
  kubernetes_sd_configs: toKubernetesSdConfigs,
  authorization: (value, { name }) =>
    JSON.stringify(value) === JSON.stringify({ credentials_file: `${SERVICE_ACCOUNT}/token` })
      ? { authorization: { type: 'Bearer', credentials: { name, key: 'token' } } }
      : undefined,
  tls_config: (value, { name }) => {
    const { ca_file, insecure_skip_verify, server_name, ...others } = Object(value);
    if (Object.keys(others).length || ![undefined, `${SERVICE_ACCOUNT}/ca.crt`].includes(ca_file))
      return undefined;
    return {
      tlsConfig: {
        ...(ca_file && { ca: { secret: { name, key: 'ca.crt' } } }),
        ...(insecure_skip_verify !== undefined && { insecureSkipVerify: insecure_skip_verify }),
        ...(server_name && { serverName: server_name }),
      },
    };
  },
};

/**
 * Converts a scrape job to the spec of a ScrapeConfig. Unlike a ServiceMonitor or PodMonitor, a ScrapeConfig
 * supports static addresses and all kinds of discovery, and adds no labels.
 * @param unsupportedFieldError returns the error to throw for a field whose value a ScrapeConfig cannot express
 */
export function toScrapeConfigSpec(
  job: ScrapeConfig,
  token: TokenSecret,
  unsupportedFieldError: (field: string) => Error,
): ScrapeConfigManifest {
  const parts = Object.entries(job)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => {
      const renamed = RENAMED_FIELDS[field];
      const part = renamed ? { [renamed]: value } : CONVERTED_FIELDS[field]?.(value, token);
      if (!part) throw unsupportedFieldError(field);
      return part;
    });
  return Object.assign({}, ...parts);
}

const RELABELING_FIELDS = {
  source_labels: 'sourceLabels',
  separator: 'separator',
  regex: 'regex',
  target_label: 'targetLabel',
  replacement: 'replacement',
  action: 'action',
} satisfies Partial<Record<keyof RelabelConfig, keyof ScrapeConfigSpecRelabelings>>;

function toRelabelings(value: unknown): ScrapeConfigSpecRelabelings[] | undefined {
  const steps = renameFieldsOfObjects(value, RELABELING_FIELDS) as ScrapeConfigSpecRelabelings[] | undefined;
  // The API server rejects an empty list.
  return steps?.length ? steps : undefined;
}

function toKubernetesSdConfigs(value: unknown): ConvertedField {
  const all = renameFieldsOfObjects(value, {
    role: 'role',
    namespaces: 'namespaces',
    selectors: 'selectors',
  });
  if (!all) return undefined;
  const kubernetesSDConfigs = all.map(({ role, namespaces, selectors }) => ({
    role: toKubernetesSdRole(role),
    ...(namespaces !== undefined && { namespaces: toKubernetesSdNamespaces(namespaces) }),
    ...(selectors !== undefined && {
      selectors: (selectors as { role: string }[]).map((one) => ({
        ...one,
        role: toKubernetesSdRole(one.role),
      })),
    }),
  }));
  return { kubernetesSDConfigs };
}

const toKubernetesSdNamespaces = (value: unknown): object => {
  const { names, own_namespace } = Object(value);
  return { ...(names && { names }), ...(own_namespace !== undefined && { ownNamespace: own_namespace }) };
};

/** Converts the role of a Kubernetes service discovery, such as `endpointslice` to `EndpointSlice`. */
const toKubernetesSdRole = (role: unknown): string =>
  String(role)
    .replace(/^./, (first) => first.toUpperCase())
    .replace('slice', 'Slice');

/**
 * Renames the fields of each object in a list. Returns `undefined` if an object has a field that `names` does
 * not contain.
 */
function renameFieldsOfObjects(
  list: unknown,
  names: Readonly<Record<string, string>>,
): Record<string, unknown>[] | undefined {
  const entries = (list as object[]).map((entry) =>
    Object.entries(entry).filter(([, value]) => value !== undefined),
  );
  if (entries.flat().some(([field]) => !(field in names))) return undefined;
  return entries.map((fields) => Object.fromEntries(fields.map(([field, value]) => [names[field], value])));
}
