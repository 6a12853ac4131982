import { remoteWriteArgs } from '../../agents/vmagent';
import { withFixedDefaults } from '../../core/option-table';
import { type ContainerSpec, envFromField } from '../../core/pods';
import { caFilePath } from '../../core/private-ca';
import { toBytes, toSeconds } from '../../core/units';
import type { AgentLayout } from '../agent';
import { pathOfFolderCopyInStateFolder, pathsInStateFolder, TARGETS_DIR } from './folders';
import { METRICS_QUEUE, METRICS_SENDING, type MetricsAgentOptions } from './options';
import { AGENT_USER } from './scrape-jobs';

/** Properties for `vmagentContainer`. */
export interface VmagentProps {
  readonly layout: AgentLayout;
  readonly options: MetricsAgentOptions;
  /** Full reference of the image. */
  readonly image: string;
  /** Value of the label `cluster` of all samples. */
  readonly cluster: string;
  /** URL of the remote-write endpoint. */
  readonly url: string;
}

/** Returns the container that runs vmagent, without ports. */
export function vmagentContainer(props: VmagentProps): Omit<ContainerSpec, 'ports'> {
  const { layout, options, url, image } = props;
  const { listen, dirs, mounts, endpoint } = layout;
  const { queueDir, loginFile } = pathsInStateFolder(layout);
  const { sink, resources, seriesPerTarget, targetsDirectory } = options;
  const sending = withFixedDefaults(METRICS_SENDING, options.sending);
  return {
    name: 'vmagent',
    image,
    args: [
      `-promscrape.config=${pathOfFolderCopyInStateFolder(dirs.config, layout)}/scrape.yaml`,
      '-promscrape.configCheckInterval=15s',
      `-promscrape.seriesLimitPerTarget=${seriesPerTarget}`,
      // vmagent logs a failed scrape at most every 30 minutes. In the cloud, the metric `up` shows failed scrapes.
      '-promscrape.suppressScrapeErrorsDelay=30m',
      `-remoteWrite.relabelConfig=${pathOfFolderCopyInStateFolder(dirs.config, layout)}/relabel.yaml`,
      `-httpListenAddr=${listen.address}:${listen.port}`,
      // Every process on the host network can connect to this port, and the endpoint has no limits for samples.
      `-httpAuth.username=${AGENT_USER}`,
      `-httpAuth.password=file://${loginFile}`,
      ...Object.entries(externalLabels(props)).map(([name, value]) => `-remoteWrite.label=${name}=${value}`),
      ...remoteWriteArgs({
        urls: [url],
        encoding: sink.encoding,
        queueDir,
        queueSize: withFixedDefaults(METRICS_QUEUE, options.queue).size,
        credentialsDir: layout.credentialsDir,
        certificate: layout.certificate,
        caFile: caFilePath(pathOfFolderCopyInStateFolder(dirs.ca, layout), endpoint),
      }),
      `-remoteWrite.flushInterval=${toSeconds(sending.batchWait)}s`,
      `-remoteWrite.rateLimit=${toBytes(sending.bytesPerSecond)}`,
      `-remoteWrite.retryMaxInterval=${toSeconds(sending.maxBackoff)}s`,
      // A batch has about 10 kB, so 15 s suffice. Retries over a broken connection cost bytes on a metered link.
      '-remoteWrite.sendTimeout=15s',
      // Level 19 produces 15 % fewer bytes than vmagent's default level. The level costs little CPU, because vmagent
      // compresses only once a minute.
      '-remoteWrite.vmProtoCompressLevel=19',
      // Compression at level 19 needs fifteen times the memory of a block. With vmagent's default block size of 8Mi,
      // that exceeds the memory limit.
      '-remoteWrite.maxBlockSize=524288',
      // By default, vmagent sizes its caches by the memory of the machine.
      `-memory.allowedBytes=${toBytes(resources.memoryLimit ?? resources.memory) / 2}`,
      ...(sending.significantFigures
        ? [`-remoteWrite.significantFigures=${sending.significantFigures}`]
        : []),
      '-envflag.enable=true',
    ],
    env: [
      envFromField('NODE_IP', 'status.hostIP'),
      // Each thread that compresses at level 19 keeps 9 MiB of memory, and one thread is enough. glibc returns this
      // memory to the system only if MALLOC_MMAP_THRESHOLD_ is set; other C libraries return it by default.
      { name: 'GOMAXPROCS', value: '1' },
      { name: 'MALLOC_MMAP_THRESHOLD_', value: '1048576' },
      // With this setting, fresh samples are sent before the backlog. It is a variable instead of a flag, because
      // versions of vmagent before 1.146 exit if a flag is unknown.
      { name: 'remoteWrite_inmemoryQueues', value: '1' },
    ],
    resources,
    volumeMounts: [
      ...mounts.login,
      mounts.state,
      ...(targetsDirectory ? [{ name: 'targets', mountPath: TARGETS_DIR, readOnly: true }] : []),
    ],
  };
}

/**
 * Returns the labels that vmagent sets on every sample. The label `group` is left out if the endpoint has credentials
 * for each group, because the endpoint then sets the label.
 */
const externalLabels = ({ cluster, layout, options: { group } }: VmagentProps): Record<string, string> => ({
  cluster,
  ...(group !== undefined && layout.endpoint.group === undefined && { group }),
  node: '$(NODE_NAME)',
});
