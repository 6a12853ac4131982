import type { CertificateFiles } from '../core/client-login';
import { bytes, type Quantity } from '../core/units';

/** Port of vmagent. */
export const VMAGENT_PORT = 8429;

/** Port of the metrics agent for pushes: that of Pushgateway. */
export const PUSH_PORT = 9091;

/** Remote-write flags of a vmagent, shared by the edge agent and the gateway. */
export interface RemoteWriteFlags {
  /** Full URLs, without credentials. All samples go to each of them, by a queue of its own, which is named by number and URL. */
  readonly urls: readonly string[];
  /** Compression: `zstd` is VictoriaMetrics' own protocol; everything else supports `snappy`. */
  readonly encoding: 'zstd' | 'snappy';
  /** Folder of the queue. */
  readonly queueDir: string;
  /** Maximum size of each queue; beyond it the oldest samples are dropped. */
  readonly queueSize: Quantity;
  /**
   * Folder with the files `username` and `password`, which are reloaded when they change.
   * @default - no authentication
   */
  readonly credentialsDir?: string;
  /** Client certificate, which is reloaded at each new connection. @default - none */
  readonly certificate?: CertificateFiles;
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Additional request headers. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Minimum size of vmagent's queue: one of its files.
 * https://docs.victoriametrics.com/victoriametrics/vmagent/
 */
export const SMALLEST_QUEUE: Quantity = '512Mi';

/**
 * Returns the arguments of a vmagent that writes to one or several URLs. Checked against the flags of vmagent 1.145
 * and https://docs.victoriametrics.com/victoriametrics/vmagent/.
 */
export function remoteWriteArgs(flags: RemoteWriteFlags): string[] {
  const { credentialsDir, certificate, caFile, headers = {} } = flags;
  return [
    ...flags.urls.map((url) => `-remoteWrite.url=${url}`),
    // The protocol is fixed, since vmagent would permanently downgrade it after a single refused request.
    flags.encoding === 'zstd' ? '-remoteWrite.forceVMProto=true' : '-remoteWrite.forcePromProto=true',
    // A single queue keeps samples in order, for receivers that refuse out-of-order samples.
    '-remoteWrite.queues=1',
    `-remoteWrite.tmpDataPath=${flags.queueDir}`,
    `-remoteWrite.maxDiskUsagePerURL=${bytes(flags.queueSize)}`,
    // Keeps queues of other URLs, which still hold unsent samples.
    '-remoteWrite.keepDanglingQueues=true',
    '-enableMetadata=false',
    // Without it, vmagent neither listens on nor connects to IPv6 addresses.
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
    ...(Object.keys(headers).length ? [`-remoteWrite.headers=${headerList(headers)}`] : []),
  ];
}

const headerList = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}:${value}`)
    .join('^^');
