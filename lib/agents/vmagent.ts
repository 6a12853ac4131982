import type { CertificateFiles } from '../core/client-login';
import { type Quantity, toBytes } from '../core/units';

/** Default port of vmagent's HTTP server. */
export const VMAGENT_PORT = 8429;

/** Default port on which the metrics agent receives pushes: the default port of a Pushgateway. */
export const PUSH_PORT = 9091;

/** Remote-write flags of a vmagent, shared by the edge agent and the gateway. */
export interface RemoteWriteFlags {
  /**
   * Full URLs of the remote-write endpoints, without credentials. vmagent sends all samples to each URL, and has a
   * separate queue for each URL.
   */
  readonly urls: readonly string[];
  /** Compression of requests: `zstd` is VictoriaMetrics's own protocol; all other receivers support `snappy`. */
  readonly encoding: 'zstd' | 'snappy';
  /** Folder in which vmagent stores the queues. */
  readonly queueDir: string;
  /** Maximum size of each queue in bytes. If a queue is full, the oldest samples are dropped. */
  readonly queueSize: Quantity;
  /**
   * Folder with the files `username` and `password`. vmagent reloads changed files.
   * @default - no basic authentication
   */
  readonly credentialsDir?: string;
  /** Files of the client certificate. vmagent reads them for each new connection. @default - no client certificate */
  readonly certificate?: CertificateFiles;
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Additional request headers. @default - no additional headers */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Lowest value that vmagent accepts as maximum size of a queue. vmagent stores a queue in files of this size
 * (https://docs.victoriametrics.com/victoriametrics/vmagent/).
 */
export const MIN_QUEUE_SIZE: Quantity = '512Mi';

/**
 * Returns the remote-write arguments of a vmagent. Verified with vmagent 1.145 and
 * https://docs.victoriametrics.com/victoriametrics/vmagent/.
 */
export function remoteWriteArgs(flags: RemoteWriteFlags): string[] {
  const { credentialsDir, certificate, caFile, headers = {} } = flags;
  return [
    ...flags.urls.map((url) => `-remoteWrite.url=${url}`),
    // The protocol is fixed, because vmagent would otherwise downgrade it permanently after one rejected request.
    flags.encoding === 'zstd' ? '-remoteWrite.forceVMProto=true' : '-remoteWrite.forcePromProto=true',
    // With one queue, vmagent sends samples in order. Some receivers reject out-of-order samples.
    '-remoteWrite.queues=1',
    `-remoteWrite.tmpDataPath=${flags.queueDir}`,
    `-remoteWrite.maxDiskUsagePerURL=${toBytes(flags.queueSize)}`,
    // Queues of previous URLs are kept, because they can contain unsent samples.
    '-remoteWrite.keepDanglingQueues=true',
    '-enableMetadata=false',
    // Without this flag, vmagent does not use IPv6 at all.
    '-enableTCP6=true',
    ...(credentialsDir
      ? [
          `-remoteWrite.basicAuth.usernameFile=${credentialsDir}/username`,
          `-remoteWrite.basicAuth.passwordFile=${credentialsDir}/password`,
        ]
      : []),
    ...(certificate
      ? [
          `-remoteWrite.tlsCertFile=${certificate.certificateFile}`,
          `-remoteWrite.tlsKeyFile=${certificate.keyFile}`,
        ]
      : []),
    ...(caFile ? [`-remoteWrite.tlsCAFile=${caFile}`] : []),
    ...(Object.keys(headers).length ? [`-remoteWrite.headers=${renderRemoteWriteHeaders(headers)}`] : []),
  ];
}

const renderRemoteWriteHeaders = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}:${value}`)
    .join('^^');
