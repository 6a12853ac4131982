import { parse } from 'yaml';

/** The address of another program in a configuration file, an argument or an environment variable. */
export interface Mention {
  /** The Service in the address, as `namespace/name`. @default - the address contains a host, or only a port */
  readonly service?: string;
  /** The host name in the address. @default - the address contains a Service, or only a port */
  readonly host?: string;
  /** The port of an address on the same node. @default - the address contains a Service or a host */
  readonly port?: number;
  /** Path of the request; empty if the text contains no path. */
  readonly path: string;
  /** Whether the program reads data from the other program, as in a scrape. */
  readonly reads: boolean;
  /** Protocol, such as `remote write`; empty if the text does not show the protocol. */
  readonly protocol: string;
}

/** Names of protocols. The pattern before each name matches the request paths of the protocol. */
const PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/\/api\/v1\/write$/, 'remote write'],
  [/\/loki\/api\/v1\/push$/, 'Loki push'],
  [/\/metrics$/, 'PUT'],
];

/** Label of a flow from a scrape target. */
export const SCRAPE_LABEL = 'scraped samples';

/** Returns the protocol of requests to a path, such as `remote write`. Returns an empty string for unknown paths. */
export const protocolOfRequestPath = (path: string): string =>
  PROTOCOLS.find(([expression]) => expression.test(path))?.[1] ?? '';

/** Returns the addresses of other programs in a text: arguments and environment variables, or a configuration file. */
export function findMentionedAddresses(text: string): Mention[] {
  if (/^scrape_configs:/m.test(text)) return findMentionedAddressesInPrometheusConfig(text);
  if (/^datasources:/m.test(text))
    return findAddressesInPlainText(text, { reads: true, protocol: 'query results' });
  return findAddressesInPlainText(text);
}

/**
 * Returns the addresses in a configuration of Prometheus. Prometheus reads data from the addresses in `scrape_configs`, and
 * sends data to all other addresses.
 */
function findMentionedAddressesInPrometheusConfig(text: string): Mention[] {
  const { scrape_configs: jobs = [], ...others } = parse(text) as { scrape_configs?: ScrapeJob[] };
  const read = jobs
    .filter(doesJobScrapeOtherPrograms)
    .flatMap((job) => findScrapeTargetsOfJob(JSON.stringify(job)));
  return [...read, ...findAddressesInPlainText(JSON.stringify(others, null, 1))];
}

/** Returns the scrape targets in the JSON text of a scrape job: Services, and ports of each cloud node. */
export function findScrapeTargetsOfJob(job: string): Mention[] {
  const nodes = [...job.matchAll(/"\$1:(\d+)"/g)].map(([, port]) => ({ port: Number(port), path: '' }));
  return [...nodes, ...findAddressesInPlainText(job)].map((mention) => ({
    ...mention,
    reads: true,
    protocol: SCRAPE_LABEL,
  }));
}

interface ScrapeJob {
  readonly honor_labels?: boolean;
  readonly kubernetes_sd_configs?: readonly object[];
  readonly static_configs?: readonly object[];
}

/**
 * Returns whether a scrape job collects series about other programs or nodes. The graph omits jobs that only collect metrics
 * about the scraped program itself.
 */
const doesJobScrapeOtherPrograms = (job: ScrapeJob): boolean =>
  job.honor_labels === true ||
  job.kubernetes_sd_configs !== undefined ||
  /127\.0\.0\.1/.test(JSON.stringify(job));

function findAddressesInPlainText(text: string, told: Partial<Mention> = {}): Mention[] {
  return [...findMentionedServices(text), ...findMentionedHosts(text), ...findMentionedLocalPorts(text)].map(
    (mention) => ({
      ...mention,
      ...told,
    }),
  );
}

/** Matches the address of a Service with its path. In a configuration of Fluent Bit, the path is two lines below the host. */
const SERVICE = /(?:[\w-]+\.)?([\w-]+)\.([\w-]+)\.svc\b(?::\d+)?([\w/-]*)(?:\n.*\n\s*uri: (\S+))?/g;

function findMentionedServices(text: string): Mention[] {
  return [...text.matchAll(SERVICE)].map(([, name, namespace, path = '', uri = '']) => ({
    service: `${namespace}/${name}`,
    path,
    reads: false,
    protocol: /alert/.test(`${name}`) ? 'alerts' : protocolOfRequestPath(path || uri),
  }));
}

/** Matches a host name after a key such as `url`. Other URLs, such as links in comments, are not requested by programs. */
const HOST =
  /^[\s-]*[\w.]*(?<![a-z]_)(?:URL|url|host)["']?\s*[:=]\s*["']?(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?([\w/-]*)/gm;

function findMentionedHosts(text: string): Mention[] {
  return [...text.matchAll(HOST)]
    .filter(([, host = '']) => !host.endsWith('.svc'))
    .map(([, host, path = '']) => ({ host, path, reads: false, protocol: protocolOfRequestPath(path) }));
}

function findMentionedLocalPorts(text: string): Mention[] {
  return [...text.matchAll(/\b127\.0\.0\.1:(\d+)/g)].map(([, port]) => ({
    port: Number(port),
    path: '',
    reads: true,
    protocol: SCRAPE_LABEL,
  }));
}
