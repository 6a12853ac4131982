/**
 * A UTF-8 character except `/`, as a pattern of bytes: nginx matches bytes, and its UTF-8 mode answers
 * invalid input with 500.
 */
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

/**
 * In base64, the highest bit of each of three bytes falls into a different digit of the first three; these
 * digits are the ones where it is unset (ASCII).
 */
const [FIRST, SECOND, THIRD] = ['[A-Za-f]', '[A-HQ-Xg-nw-z0-3]', '[ABEFIJMNQRUVYZcdghklopstwx014589]'];

const ASCII_BASE64 = `(?:${FIRST}${SECOND}${THIRD}[\\w-])*(?:${FIRST}${SECOND}${THIRD}?)?={0,2}`;

const LONGEST_VALUE = 256;

const VALUE = [
  `/(?![^/]{${LONGEST_VALUE + 1}})(?:${UTF8_CHARACTER})+`,
  `@base64/(?![^/]{${2 * LONGEST_VALUE + 1}})${ASCII_BASE64}`,
].join('|');

/**
 * Label names, except for the reserved ones and the leading `job`. Duplicate labels are left to the push
 * filter: a pattern that compares each label with each other is slow on long paths, and it runs before the
 * password is checked.
 */
const LABEL = '(?!__|(?:cluster|job|node|pushgateway)[/@])[A-Za-z_]\\w*';

/**
 * Regular expression (PCRE, on bytes) for the path of a push to Pushgateway, without the URL prefix. It must
 * not contain capture groups before it: `(?1)` repeats the first one. The push filter behind it knows which
 * labels the key of an exporter has.
 */
export const GROUP_PATH = `/metrics/job(${VALUE})(?:/${LABEL}(?1))*`;

/** Error message for pushes to any other path. */
export const GROUP_PATH_RULE =
  'push to /metrics/job/JOB, optionally followed by /instance/, /hostname/ and other labels except for cluster, job, node and pushgateway, ' +
  `each with a value: UTF-8 of at most ${LONGEST_VALUE} bytes, or base64 of ASCII after @base64`;
