import { bytes, type Quantity } from '../core/units';

/** Where a vmagent listens. */
export const VMAGENT_PORT = 8429;

/** How a vmagent packs and sends what it has, whether on the edge or in the cloud. */
export interface RemoteWriteFlags {
  /** The whole address, without credentials. */
  readonly url: string;
  /** `zstd` is VictoriaMetrics' own protocol; everything else reads `snappy`. */
  readonly encoding: 'zstd' | 'snappy';
  /** Folder of the queue. */
  readonly queueDir: string;
  /** Most that the queue takes; then it drops the oldest. */
  readonly queueSize: Quantity;
  /** Folder with the files `username` and `password`, which are read again when they change. @default - none */
  readonly credentialsDir?: string;
  /** @default - public authorities */
  readonly caFile?: string;
  /** @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The least that a queue of vmagent takes: one of its files. https://docs.victoriametrics.com/victoriametrics/vmagent/ */
export const SMALLEST_QUEUE: Quantity = '512Mi';

/**
 * The arguments of a vmagent that writes to one address. Checked against the flags that vmagent 1.145
 * prints, and https://docs.victoriametrics.com/victoriametrics/vmagent/.
 */
export function remoteWriteArgs(flags: RemoteWriteFlags): string[] {
  const { credentialsDir, caFile, headers = {} } = flags;
  return [
    `-remoteWrite.url=${flags.url}`,
    // Said, since one refusal would make a vmagent that guesses change its protocol for good.
    flags.encoding === 'zstd' ? '-remoteWrite.forceVMProto=true' : '-remoteWrite.forcePromProto=true',
    // In order: a receiver that takes samples of one series in order only would refuse others.
    '-remoteWrite.queues=1',
    `-remoteWrite.tmpDataPath=${flags.queueDir}`,
    `-remoteWrite.maxDiskUsagePerURL=${bytes(flags.queueSize)}`,
    // A queue of another address is someone's samples, not rubbish.
    '-remoteWrite.keepDanglingQueues=true',
    '-enableMetadata=false',
    // Without it, vmagent neither listens on nor connects to addresses of IPv6.
    '-enableTCP6=true',
    ...(credentialsDir
      ? [
          `-remoteWrite.basicAuth.usernameFile=${credentialsDir}/username`,
          `-remoteWrite.basicAuth.passwordFile=${credentialsDir}/password`,
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
