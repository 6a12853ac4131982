import { parse } from 'yaml';

/** That a text names something to talk to. */
export interface Mention {
  /** A Service as `namespace/name`, a host name, or a port of the same node. */
  readonly service?: string;
  readonly host?: string;
  readonly port?: number;
  /** Where the text names none, it has the empty path. */
  readonly path: string;
  /** Whether data comes back instead of being sent. */
  readonly reads: boolean;
  /** What is spoken, as far as the text tells. */
  readonly protocol: string;
}

/** What can be told by the path of a request. */
const PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/\/api\/v1\/write$/, 'remote write'],
  [/\/loki\/api\/v1\/push$/, 'Loki push'],
  [/\/metrics$/, 'PUT'],
];

/** What comes back when a program is scraped. */
export const SCRAPED = 'scraped samples';

/** What is spoken at a path; nothing when it is none that we know. */
export const protocolAt = (path: string): string =>
  PROTOCOLS.find(([expression]) => expression.test(path))?.[1] ?? '';

/** Everything that a text names: arguments, variables or a file of configuration. */
export function mentionsIn(text: string): Mention[] {
  if (/^scrape_configs:/m.test(text)) return prometheusMentions(text);
  if (/^datasources:/m.test(text)) return found(text, { reads: true, protocol: 'query results' });
  return found(text);
}

/** Prometheus reads what stands below `scrape_configs`, and sends to the rest. */
function prometheusMentions(text: string): Mention[] {
  const { scrape_configs: jobs = [], ...others } = parse(text) as { scrape_configs?: ScrapeJob[] };
  const read = jobs.filter(showsMore).flatMap((job) => {
    const text = JSON.stringify(job);
    const nodes = [...text.matchAll(/"\$1:(\d+)"/g)].map(([, port]) => ({ port: Number(port), path: '' }));
    return [...nodes, ...found(text)].map((mention) => ({ ...mention, reads: true, protocol: SCRAPED }));
  });
  return [...read, ...found(JSON.stringify(others, null, 1))];
}

interface ScrapeJob {
  readonly honor_labels?: boolean;
  readonly kubernetes_sd_configs?: readonly object[];
  readonly static_configs?: readonly object[];
}

/** A program that only tells how it fares itself is no part of the data's way. */
const showsMore = (job: ScrapeJob): boolean =>
  job.honor_labels === true ||
  job.kubernetes_sd_configs !== undefined ||
  /127\.0\.0\.1/.test(JSON.stringify(job));

function found(text: string, told: Partial<Mention> = {}): Mention[] {
  return [...services(text), ...hosts(text), ...localPorts(text)].map((mention) => ({ ...mention, ...told }));
}

/** The address of a Service, with its path; Fluent Bit has the path two lines below. */
const SERVICE = /(?:[\w-]+\.)?([\w-]+)\.([\w-]+)\.svc\b(?::\d+)?([\w/-]*)(?:\n.*\n\s*uri: (\S+))?/g;

function services(text: string): Mention[] {
  return [...text.matchAll(SERVICE)].map(([, name, namespace, path = '', uri = '']) => ({
    service: `${namespace}/${name}`,
    path,
    reads: false,
    protocol: /alert/.test(`${name}`) ? 'alerts' : protocolAt(path || uri),
  }));
}

/** A host is what follows a key for it: links in texts are not visited by programs. */
const HOST =
  /^[\s-]*[\w.]*(?<![a-z]_)(?:URL|url|host)["']?\s*[:=]\s*["']?(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?([\w/-]*)/gm;

function hosts(text: string): Mention[] {
  return [...text.matchAll(HOST)]
    .filter(([, host = '']) => !host.endsWith('.svc'))
    .map(([, host, path = '']) => ({ host, path, reads: false, protocol: protocolAt(path) }));
}

function localPorts(text: string): Mention[] {
  return [...text.matchAll(/\b127\.0\.0\.1:(\d+)/g)].map(([, port]) => ({
    port: Number(port),
    path: '',
    reads: true,
    protocol: SCRAPED,
  }));
}
