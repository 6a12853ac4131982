import { parse } from 'yaml';

/** A reference to another program in a text. */
export interface Mention {
  /** A Service as `namespace/name`, a host name, or a port of the same node. */
  readonly service?: string;
  readonly host?: string;
  readonly port?: number;
  /** Path; empty if the text contains none. */
  readonly path: string;
  /** Whether data flows back, as in a scrape. */
  readonly reads: boolean;
  /** Protocol, if the text shows it. */
  readonly protocol: string;
}

/** Protocols that a request path identifies. */
const PROTOCOLS: readonly (readonly [RegExp, string])[] = [
  [/\/api\/v1\/write$/, 'remote write'],
  [/\/loki\/api\/v1\/push$/, 'Loki push'],
  [/\/metrics$/, 'PUT'],
];

/** Label of a scrape. */
export const SCRAPE_LABEL = 'scraped samples';

/** Returns the protocol of a path; empty if it is unknown. */
export const protocolOfPath = (path: string): string =>
  PROTOCOLS.find(([expression]) => expression.test(path))?.[1] ?? '';

/** Returns all references in a text: arguments, variables or a configuration file. */
export function findMentions(text: string): Mention[] {
  if (/^scrape_configs:/m.test(text)) return prometheusMentions(text);
  if (/^datasources:/m.test(text)) return addressMentions(text, { reads: true, protocol: 'query results' });
  return addressMentions(text);
}

/** Returns the references of Prometheus: scrape targets below `scrape_configs`, others are destinations. */
function prometheusMentions(text: string): Mention[] {
  const { scrape_configs: jobs = [], ...others } = parse(text) as { scrape_configs?: ScrapeJob[] };
  const read = jobs.filter(scrapesOtherPrograms).flatMap((job) => {
    const text = JSON.stringify(job);
    const nodes = [...text.matchAll(/"\$1:(\d+)"/g)].map(([, port]) => ({ port: Number(port), path: '' }));
    return [...nodes, ...addressMentions(text)].map((mention) => ({
      ...mention,
      reads: true,
      protocol: SCRAPE_LABEL,
    }));
  });
  return [...read, ...addressMentions(JSON.stringify(others, null, 1))];
}

interface ScrapeJob {
  readonly honor_labels?: boolean;
  readonly kubernetes_sd_configs?: readonly object[];
  readonly static_configs?: readonly object[];
}

/** Excludes scrapes of a program's own metrics, which are not part of the data flow. */
const scrapesOtherPrograms = (job: ScrapeJob): boolean =>
  job.honor_labels === true ||
  job.kubernetes_sd_configs !== undefined ||
  /127\.0\.0\.1/.test(JSON.stringify(job));

function addressMentions(text: string, told: Partial<Mention> = {}): Mention[] {
  return [...serviceMentions(text), ...hostMentions(text), ...localPortMentions(text)].map((mention) => ({
    ...mention,
    ...told,
  }));
}

/** URL of a Service with its path; Fluent Bit has the path two lines below. */
const SERVICE = /(?:[\w-]+\.)?([\w-]+)\.([\w-]+)\.svc\b(?::\d+)?([\w/-]*)(?:\n.*\n\s*uri: (\S+))?/g;

function serviceMentions(text: string): Mention[] {
  return [...text.matchAll(SERVICE)].map(([, name, namespace, path = '', uri = '']) => ({
    service: `${namespace}/${name}`,
    path,
    reads: false,
    protocol: /alert/.test(`${name}`) ? 'alerts' : protocolOfPath(path || uri),
  }));
}

/** A host after one of these keys; other links in texts are not requested by programs. */
const HOST =
  /^[\s-]*[\w.]*(?<![a-z]_)(?:URL|url|host)["']?\s*[:=]\s*["']?(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})(?::\d+)?([\w/-]*)/gm;

function hostMentions(text: string): Mention[] {
  return [...text.matchAll(HOST)]
    .filter(([, host = '']) => !host.endsWith('.svc'))
    .map(([, host, path = '']) => ({ host, path, reads: false, protocol: protocolOfPath(path) }));
}

function localPortMentions(text: string): Mention[] {
  return [...text.matchAll(/\b127\.0\.0\.1:(\d+)/g)].map(([, port]) => ({
    port: Number(port),
    path: '',
    reads: true,
    protocol: SCRAPE_LABEL,
  }));
}
