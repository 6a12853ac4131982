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
      // Targets without a response are logged rarely, and are `up` 0 in the cloud.
      '-promscrape.suppressScrapeErrorsDelay=30m',
      `-remoteWrite.relabelConfig=${copyInSite(dirs.config)}/relabel.yaml`,
      `-httpListenAddr=${listen.address}:${listen.port}`,
      // The listener is reachable from the network of the node, and has no limits on samples.
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
      // A batch has 10 kB, and bytes that are sent into a broken connection cost money.
      '-remoteWrite.sendTimeout=15s',
      // Packing is cheap once a minute, and the link is not: 15 % fewer bytes than vmagent's own level.
      '-remoteWrite.vmProtoCompressLevel=19',
      // Compression at that level needs fifteen times the memory of a block: with vmagent's default of 8Mi, more than
      // the limit.
      '-remoteWrite.maxBlockSize=524288',
      // Caches are small, whatever the memory of the machine.
      `-memory.allowedBytes=${bytes(resources.memoryLimit ?? resources.memory) / 2}`,
      ...(sending.significantFigures
        ? [`-remoteWrite.significantFigures=${sending.significantFigures}`]
        : []),
      '-envflag.enable=true',
    ],
    env: [
      envFromField('NODE_IP', 'status.hostIP'),
      // Each compressing processor keeps its memory, 9 MiB at this level, and one is enough; glibc returns it only if
      // configured, other C libraries do by default.
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

/** The labels of the schema, whatever labels a sample has. If the sink knows groups, it sets the group of the user. */
const externalLabels = ({ cluster, site, options: { group } }: VmagentProps): Record<string, string> => ({
  cluster,
  ...(group !== undefined && site.endpoint.group === undefined && { group }),
  node: '$(NODE_NAME)',
});
