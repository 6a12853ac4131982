/** A character but `/`, byte by byte: nginx matches bytes, and ends a request with 500 where told to match UTF-8. */
const UTF8_CHARACTER = [
  '[\\x20-\\x2e\\x30-\\x7e]',
  '[\\xc2-\\xdf][\\x80-\\xbf]',
  '\\xe0[\\xa0-\\xbf][\\x80-\\xbf]',
  '\\xed[\\x80-\\x9f][\\x80-\\xbf]',
  '[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}',
  '\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}',
  '[\\xf1-\\xf3][\\x80-\\xbf]{3}',
  '\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}',
].join('|');

/** The highest bit of each of three bytes, which ASCII leaves unset, is in another place of the first three digits. */
const [FIRST, SECOND, THIRD] = ['[A-Za-f]', '[A-HQ-Xg-nw-z0-3]', '[ABEFIJMNQRUVYZcdghklopstwx014589]'];

const ASCII_BASE64 = `(?:${FIRST}${SECOND}${THIRD}[\\w-])*(?:${FIRST}${SECOND}${THIRD}?)?={0,2}`;

const LONGEST_VALUE = 256;

const VALUE = [
  `/(?![^/]{${LONGEST_VALUE + 1}})(?:${UTF8_CHARACTER})+`,
  `@base64/(?![^/]{${2 * LONGEST_VALUE + 1}})${ASCII_BASE64}`,
].join('|');

/**
 * Names of labels, but those that are written in the cloud alone, and the first one. Others that are there twice are left
 * to the push filter: a pattern that compares each label with each is slow for long paths, before any password is checked.
 */
const LABEL = '(?!__|(?:cluster|job|node|pushgateway)[/@])[A-Za-z_]\\w*';

/**
 * Regular expression (PCRE, of bytes) of the path by which a group is pushed to a Pushgateway, without its prefix,
 * which has no groups of its own: `(?1)` is the expression in the first parentheses again. The push filter behind it
 * knows which labels an exporter's key has.
 */
export const GROUP_PATH = `/metrics/job(${VALUE})(?:/${LABEL}(?1))*`;

/** The answer to a push to any other path. */
export const GROUP_PATH_RULE =
  'push to /metrics/job/JOB, which /instance/, /hostname/ and other labels but cluster, job, node and pushgateway may ' +
  `follow, each with a value: UTF-8 of at most ${LONGEST_VALUE} bytes, or base64 of ASCII after @base64`;
