/** Kinds of texts that the language test checks. */
export type Scope = 'sources' | 'programs' | 'tools' | 'tests' | 'runbooks' | 'pages' | 'chinese';

/** A term of the field, and the everyday words that must not be used instead. */
export interface Entry {
  readonly term: string;
  readonly insteadOf: RegExp;
  /** Kinds of texts in which the words must not occur. @default - all kinds of English texts */
  readonly scopes?: readonly Scope[];
}

const IN_PAGES = ['pages', 'runbooks'] as const;
/** Comments and messages in code: of lib, of shipped programs, of tools and of tests. */
const IN_CODE = ['sources', 'programs', 'tools', 'tests'] as const;
const IN_COMMENTS = ['programs', 'tools', 'tests'] as const;
const IN_CHINESE = ['chinese'] as const;

/**
 * The vocabulary of comments, messages and pages. When you add an entry, fix what the test finds, or restrict the entry
 * with `scopes`.
 */
export const VOCABULARY: readonly Entry[] = [
  { term: 'again, from the beginning', insteadOf: /\banew\b/i, scopes: IN_COMMENTS },
  { term: 'by default', insteadOf: /\bunless told otherwise\b/i, scopes: IN_CODE },
  { term: 'environment variables', insteadOf: /\ball (that )?it is told\b/i, scopes: IN_CODE },
  { term: 'expects, requires', insteadOf: /\bis told by\b/i, scopes: IN_CODE },
  { term: 'forwards, passes', insteadOf: /\bhands? (it |them )?on\b/i, scopes: IN_COMMENTS },
  { term: 'in front of', insteadOf: /\bstands? (before|in for|in the way)\b/i, scopes: IN_COMMENTS },
  { term: 'maximum number of', insteadOf: /\bso (much|far|long) (it|that|is|as)\b/i, scopes: IN_COMMENTS },
  { term: 'no one, or a named subject', insteadOf: /\b(nobody|somebody)\b/i, scopes: ['programs'] },
  { term: 'reports, returns, prints', insteadOf: /\bsays (of|what|by itself)\b/i, scopes: IN_COMMENTS },
  { term: 'a name for who or what it is', insteadOf: /\bwhoever\b/i },
  { term: 'available', insteadOf: /\bat hand\b/i },
  { term: 'continues with', insteadOf: /\bgoes on with\b/i },
  { term: 'custom, of your own', insteadOf: /\bone's own\b/i },
  { term: 'data received from a node', insteadOf: /\bheard of\b/i },
  { term: 'defaults', insteadOf: /\bwhat counts of\b/i },
  { term: 'drops', insteadOf: /\b(gives|gave) (it |them )?up\b/i },
  { term: 'expensive', insteadOf: /\bdear(er|est)?\b/i },
  { term: 'instead of', insteadOf: /\bin the place of\b/i },
  { term: 'insufficient memory, out of memory', insteadOf: /\bfor want of\b/i },
  { term: 'invalid option: its rule, what is allowed', insteadOf: /\b(keeps?|breaks?) (a|its) rule\b/i },
  { term: 'matches', insteadOf: /\blikewise\b/i },
  { term: 'node that sends no data', insteadOf: /\bwent silent\b/i },
  {
    term: 'no one, or a named subject',
    insteadOf: /\bnobody (but|can|could|else|has|is|knows|may)\b/i,
  },
  { term: 'notified', insteadOf: /\btold of\b/i },
  { term: 'number of', insteadOf: /\bso many\b/i },
  { term: 'permanently', insteadOf: /\bfor good\b/i },
  { term: 'PersistentVolumeClaim', insteadOf: /\bclaimed volumes?\b/i },
  { term: 'millicores', insteadOf: /\bthousandths? of (a core|one)\b/i },
  { term: 'reachable', insteadOf: /\bwithin reach\b/i },
  { term: 're-created', insteadOf: /\bmade anew\b/i },
  { term: 'requests and limits', insteadOf: /\b\d+m of a core\b|\b(is|are) asked for \d/i },
  { term: 'supports', insteadOf: /\btakes remote writes?\b/i },
  { term: 'unknown', insteadOf: /\bnobody knows\b/i },
  { term: 'continues', insteadOf: /\b(goes|go) on\b/i, scopes: IN_PAGES },
  { term: 'CPU, CPU time', insteadOf: /\bprocessors?( time)?\b/i, scopes: IN_PAGES },
  { term: 'hand-written', insteadOf: /\bhand-made\b/i, scopes: IN_PAGES },
  {
    term: 'lets, requires, prints: a verb with its subject',
    insteadOf: /\b(is|are) told\b/i,
    scopes: IN_PAGES,
  },
  { term: 'next to, in addition to', insteadOf: /\bbeside\b/i, scopes: IN_PAGES },
  { term: 'unavailable, down, offline', insteadOf: /\b(is|are|was|were) away\b/i, scopes: IN_PAGES },
  { term: 'whose, which: a named subject', insteadOf: /\bwhom\b/i, scopes: IN_PAGES },
  { term: '采集代理 (agent), HTTP 代理 (proxy)', insteadOf: /(?<!采集|HTTP ?)代理/, scopes: IN_CHINESE },
  { term: '大规模边缘节点 (fleet)', insteadOf: /大规模集群|舰队|车队|机群/, scopes: IN_CHINESE },
  { term: '构造 (construct)', insteadOf: /构件|构建块/, scopes: IN_CHINESE },
  { term: 'Secret, 密码 or 私钥', insteadOf: /密钥/, scopes: IN_CHINESE },
  { term: '样本 (sample), 序列 (series)', insteadOf: /采样点|时间线/, scopes: IN_CHINESE },
  { term: 'unknown command, unknown option', insteadOf: /\bthere is no such (command|option)\b/i },
];
