import type { PrivateCa } from '../../contracts/endpoint';
import type { NetworkPeer } from '../../contracts/network';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import { portOfUrl } from '../../core/network-access';
import { networkPeer } from '../../core/network-rules';
import { duration, objectName, oneOfRule, patternRule } from '../../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { privateCaRule } from '../../core/platform-options';
import { type Duration, toSeconds } from '../../core/units';
import { optionError, type Rule } from '../../core/validation';

/** Properties for `toRemoteWrite`: URL, credentials and headers of an external store that supports remote write. */
export interface ExternalStoreProps {
  /**
   * Remote-write URL with its path, without credentials. For Mimir: `https://mimir.example.com/api/v1/push`. The path
   * of Thanos Receive is `/api/v1/receive`, the path of a VictoriaMetrics cluster is
   * `/insert/0/prometheus/api/v1/write`.
   */
  readonly url: string;
  /**
   * Compression of remote-write requests: `zstd` for VictoriaMetrics, `snappy` for all other stores.
   * @default "snappy"
   */
  readonly encoding?: 'zstd' | 'snappy';
  /**
   * Out-of-order window of the store. Set this option only for a store that rejects a whole request if one sample in
   * the request is older than the window, as Prometheus does. The gateway then writes through a filter, so that only
   * the samples outside the window are lost.
   * @default - no filter, for stores that reject only the invalid samples of a request: Mimir, Thanos and
   * VictoriaMetrics
   */
  readonly outOfOrderWindow?: Duration;
  /**
   * Name of the Secret of type `kubernetes.io/basic-auth` with the store's user name and password, in the
   * gateway's namespace.
   * @default - no authentication
   */
  readonly credentialsSecretName?: string;
  /**
   * ConfigMap with the certificate of the private CA that signed the store's certificate, in the gateway's
   * namespace.
   * @default - the store's certificate is signed by a public CA
   */
  readonly privateCa?: PrivateCa;
  /** Request headers, such as `X-Scope-OrgID`. Do not put secrets here. @default - no additional headers */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Pods or IP addresses of the store, for network policies.
   * @default - any address, at the port of the URL
   */
  readonly peer?: NetworkPeer;
}

const url = patternRule(
  /^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\/[^\s?#@]*)?$/,
  'http:// or https://, a host and a path, without credentials, such as "https://mimir.example.com/api/v1/push"',
  2_000,
);

const headers: Rule = {
  allowed:
    'an object with header names as keys (except Authorization); the values must not contain control characters, commas, quotes, "^" or brackets',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, held]) =>
        /^(?!authorization$)[A-Za-z0-9-]+$/i.test(name) && /^[^\p{C},'"^{}[\]()]*$/u.test(String(held)),
    ),
};

/** Validation rule and default of each option of `toRemoteWrite()`. */
export const EXTERNAL_STORE_OPTIONS = {
  url: { rule: url },
  encoding: { rule: oneOfRule('zstd', 'snappy'), default: 'snappy' },
  outOfOrderWindow: { rule: duration, default: undefined },
  credentialsSecretName: { rule: objectName, default: undefined },
  privateCa: { rule: privateCaRule, default: undefined },
  headers: { rule: headers, default: undefined },
  peer: { rule: networkPeer, derive: (): NetworkPeer => ({ anywhere: true }) },
} satisfies OptionTable<ExternalStoreProps>;

/** Matches http URLs of hosts inside the cluster: a Service, or the loopback address of the pod. */
const CLUSTER_HTTP_URL =
  /^http:\/\/([A-Za-z0-9-]+|[A-Za-z0-9.-]+\.svc(\.[A-Za-z0-9.-]+)?|127\.0\.0\.1|\[::1\])([:/]|$)/;

/**
 * Returns an error message if the password of the Secret would leave the cluster without encryption; otherwise
 * undefined.
 * @param path prefix of the option names in the message, such as `query.`
 */
export function passwordSentUnencryptedProblem(
  { url: address, credentialsSecretName: secret }: Pick<ExternalStoreProps, 'url' | 'credentialsSecretName'>,
  path = '',
): string | undefined {
  if (!secret || address.startsWith('https://') || CLUSTER_HTTP_URL.test(address)) return undefined;
  return `${path}credentialsSecretName is "${secret}", but the password in this Secret would be sent without encryption to ${path}url "${address}"; allowed: https://, or a Service of the cluster, such as http://vmauth.NAMESPACE.svc:8427`;
}

/**
 * Returns an external store to which a `MetricsGateway` can write: Mimir, Thanos Receive, VictoriaMetrics or
 * a Prometheus outside of this stack.
 * @throws InvalidOptionError when an option is invalid, or when a password would be sent
 * without encryption.
 */
export function toRemoteWrite(props: ExternalStoreProps): RemoteWriteStore {
  const options = validateAndApplyDefaults('toRemoteWrite', props, EXTERNAL_STORE_OPTIONS);
  const problem = passwordSentUnencryptedProblem(options);
  if (problem) throw optionError('toRemoteWrite', problem);
  const { url, encoding, outOfOrderWindow, peer } = options;
  return {
    writeUrls: [url],
    encoding,
    outOfOrderSeconds: outOfOrderWindow && toSeconds(outOfOrderWindow),
    credentialsSecretName: options.credentialsSecretName,
    privateCa: options.privateCa,
    headers: options.headers,
    writeServer: { peer, port: portOfUrl(url), admit: () => {} },
  };
}
