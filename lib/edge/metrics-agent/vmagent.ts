import { remoteWriteArgs } from '../../agents/vmagent';
import { withDefaults } from '../../core/option-table';
import { type ContainerSpec, envFromField } from '../../core/pods';
import { caFileIn } from '../../core/private-ca';
import { bytes, seconds } from '../../core/units';
import type { AgentSite } from '../agent';
import { copiedFolder, stateFolders, TARGETS_DIR } from './folders';
import { METRICS_QUEUE, METRICS_SENDING, type MetricsAgentOptions } from './options';
import { AGENT_USER } from './scrape-jobs';

/** Properties for `vmagentContainer`. */
export interface VmagentProps {
  readonly site: AgentSite;
  readonly options: MetricsAgentOptions;
  /** Full reference of the image. */
  readonly image: string;
  /** The label `cluster`. */
  readonly cluster: string;
  /** Address that it writes to. */
  readonly url: string;
}

/** The container of the agent itself. */
export function vmagentContainer(props: VmagentProps): Omit<ContainerSpec, 'ports'> {
  const { site, options, url, image } = props;
  const { listen, dirs, mounts, endpoint } = site;
  const { queueDir, loginFile } = stateFolders(site);
  const copyInSite = (folder: string) => copiedFolder(folder, site);
  const { sink, resources, seriesPerTarget, targetsDirectory } = options;
  const sending = withDefaults(METRICS_SENDING, options.sending);
  return {
    name: 'vmagent',
    image,
    args: [
      `-promscrape.config=${copyInSite(dirs.config)}/scrape.yaml`,
      '-promscrape.configCheckInterval=15s',
      `-promscrape.seriesLimitPerTarget=${seriesPerTarget}`,
      // What does not answer is said once in a while, and is `up` 0 in the cloud.
      '-promscrape.suppressScrapeErrorsDelay=30m',
      `-remoteWrite.relabelConfig=${copyInSite(dirs.config)}/relabel.yaml`,
      `-httpListenAddr=${listen.address}:${listen.port}`,
      // All on the network of the node reach it, and it takes samples without limits.
      `-httpAuth.username=${AGENT_USER}`,
      `-httpAuth.password=file://${loginFile}`,
      ...Object.entries(externalLabels(props)).map(([name, value]) => `-remoteWrite.label=${name}=${value}`),
      ...remoteWriteArgs({
        urls: [url],
        encoding: sink.encoding,
        queueDir,
        queueSize: withDefaults(METRICS_QUEUE, options.queue).size,
        credentialsDir: site.credentialsDir,
        certificate: site.certificate,
        caFile: caFileIn(copyInSite(dirs.ca), endpoint),
      }),
      `-remoteWrite.flushInterval=${seconds(sending.batchWait)}s`,
      `-remoteWrite.rateLimit=${bytes(sending.bytesPerSecond)}`,
      `-remoteWrite.retryMaxInterval=${seconds(sending.maxBackoff)}s`,
      // A batch is 10 kB, and what is sent into a dead connection is paid for.
      '-remoteWrite.sendTimeout=15s',
      // Packing is cheap once a minute, and the link is not: 15 % fewer bytes than vmagent's own level.
      '-remoteWrite.vmProtoCompressLevel=19',
      // Packing at that level takes fifteen times the memory of a block: of vmagent's own 8Mi, more than the limit.
      '-remoteWrite.maxBlockSize=524288',
      // Caches are small here, whatever the machine has.
      `-memory.allowedBytes=${bytes(resources.memoryLimit ?? resources.memory) / 2}`,
      ...(sending.significantFigures
        ? [`-remoteWrite.significantFigures=${sending.significantFigures}`]
        : []),
      '-envflag.enable=true',
    ],
    env: [
      envFromField('NODE_IP', 'status.hostIP'),
      // Each processor that packs keeps the memory for it, 9 MiB at this level, and there is no work for two;
      // glibc gives it back only where it is told to, other C libraries do by themselves.
      { name: 'GOMAXPROCS', value: '1' },
      { name: 'MALLOC_MMAP_THRESHOLD_', value: '1048576' },
      // Fresh samples do not wait behind a backlog. As a variable, since only vmagent 1.146 and later know it.
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

/** The labels of the schema, whatever a sample says; where the sink knows groups, it says of which the user is. */
const externalLabels = ({ cluster, site, options: { group } }: VmagentProps): Record<string, string> => ({
  cluster,
  ...(group !== undefined && site.endpoint.group === undefined && { group }),
  node: '$(NODE_NAME)',
});
